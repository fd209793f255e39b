// raclette's `usePluginApi`, written with nothing but the object of a plugin in the generated file.
import all, { acme__shelf } from "./generated-config";
import type { Operation, PluginConfig, StoreActionType } from "./generated-config";

interface Query {
  id: string;
  storeActionType: StoreActionType | undefined;
  data: unknown;
}
type Send = (method: string, url: string, body: unknown) => unknown;
type Run = (options?: { params?: object; body?: unknown }) => Query;
interface Socket {
  on(channelKey: string, listener: (data: unknown) => void): void;
}
interface PluginApi {
  $data: { [entity: string]: { [operation: string]: Run } };
  $socket: Socket;
}

export function usePluginApi(key: string, send: Send, listen: (channel: string, listener: (data: unknown) => void) => void): PluginApi {
  const config: PluginConfig | undefined = (all as { [key: string]: PluginConfig })[key];
  if (!config) throw new Error(`no plugin ${key}`);
  const url = ({ target }: Operation, params: object): string => (typeof target === "string" ? target : target(params as never));
  const $data: PluginApi["$data"] = {};
  for (const [entity, { type, operations }] of Object.entries(config.data))
    for (const [name, operation] of Object.entries(operations))
      ($data[entity] ??= {})[name] = ({ params = {}, body } = {}) => ({
        id: `plugin-${config.pluginKey}-${type}-${name}`,
        storeActionType: operation.storeActionType,
        data: send(operation.method, url(operation, params), body),
      });
  const $socket: Socket = {
    on: (channelKey, listener) => {
      const channel = config.channels[channelKey];
      if (!channel) throw new Error(`${config.pluginKey} has no channel ${channelKey}`);
      listen(channel, listener);
    },
  };
  return { $data, $socket };
}

const listeners = new Map<string, (data: unknown) => void>();
const send: Send = (method, url, body) => {
  const announced = Object.values(acme__shelf.data.book.operations).find((operation) => "channels" in operation && operation.method === method);
  if (announced && "channels" in announced) for (const { channel } of announced.channels) listeners.get(channel)?.(body);
  return `${method} ${url}`;
};
const heard: unknown[] = [];
const { $data, $socket } = usePluginApi("acme__shelf", send, (channel, listener) => listeners.set(channel, listener));
$socket.on("bookCreated", (data) => heard.push(data));
const read = $data["book"]?.["get"]?.({ params: { _id: "a/b c" } });
const created = $data["book"]?.["create"]?.({ body: { title: "Ada" } });
let refused = "";
try {
  $socket.on("bookBurnt", () => {});
} catch (error) {
  refused = String(error);
}
console.log(JSON.stringify({ read, created, heard, refused }));
