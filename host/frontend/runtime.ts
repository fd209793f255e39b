// ───────────────────────────────────────────────────────────────────────────── the same text in every generated file, no imports
export type StoreActionType = "dataRead" | "dataCreate" | "dataUpdate" | "dataDelete" | "dataHardDelete" | "dataMove" | "dataRestore";
export interface ChannelRef {
  /** On the wire: `prefix--channelKey`. */
  readonly channel: string;
  readonly channelKey: string;
  readonly prefix: string;
}
export interface Operation {
  /** The complete path, or a function that encodes the path parameters. */
  readonly target: string | ((payload: never) => string);
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** What a store does with the response; absent if the route does not declare it. */
  readonly storeActionType?: StoreActionType;
  /** The call's arguments in order: `p` path, `q` query, `b` body, `h` headers. */
  readonly args: string;
  /** How the body travels if it is not JSON. */
  readonly send?: "form" | "multipart" | "raw";
  /** How a success is read if it is not JSON. */
  readonly answer?: "text" | "blob" | "stream";
  /** Statuses of the errors that the route declares. */
  readonly errors?: readonly number[];
  /** Channels on which a success is announced. */
  readonly channels?: readonly ChannelRef[];
}
/** A WebSocket that a plugin serves itself. */
export interface SocketConfig {
  readonly target: string | ((payload: never) => string);
  /** `p` path, `q` query. */
  readonly args: string;
  /** What the page sends, if that is not JSON. */
  readonly send?: "raw";
  /** What the page receives, if that is not JSON. */
  readonly answer?: "raw";
  readonly open: typeof socketOf;
}
export interface EntityConfig {
  readonly type: string;
  readonly operations: { readonly [name: string]: Operation };
  readonly sockets?: { readonly [name: string]: SocketConfig };
}
export interface PluginConfig {
  readonly pluginName: string;
  readonly author: string;
  readonly pluginKey: string;
  readonly version: string;
  readonly routePrefix: string;
  /** Digest of everything that was generated for this plugin; the backend sends its own with every response. */
  readonly schema: string;
  readonly data: { readonly [entity: string]: EntityConfig };
  /** Channel key → name on the wire. */
  readonly channels: { readonly [channelKey: string]: string };
  readonly enums: { readonly [name: string]: readonly (string | number)[] };
  readonly uses?: readonly (keyof Contracts)[];
  /** Data of the plugin for its frontend. */
  readonly custom?: { readonly [name: string]: unknown };
}

export interface CallOptions {
  signal?: AbortSignal;
  headers?: { [name: string]: string };
}
export type Result<Ok, Err> = { ok: true; data: Ok; error?: never } | { ok: false; data?: never; error: Err };

/** `Args` is a tuple. A constraint on every call instead would make the compiler a fifth slower. */
type Arguments<Args> = Args extends readonly unknown[] ? Args : never;
/** A call that changes nothing: it resolves to the response and rejects with {@link ApiError}. */
export interface Read<Args, Ok, Err = never> {
  (...args: [...Arguments<Args>, options?: CallOptions]): Promise<Ok>;
  /** Resolves to the response or to an error that the route declares, distinguished by `status`; rejects on anything else. */
  safe(...args: [...Arguments<Args>, options?: CallOptions]): Promise<Result<Ok, Err>>;
  url(...args: Arguments<Args>): string;
  /** Stable cache key: `[pluginKey, entity, operation, ...args]`. */
  key(...args: Arguments<Args>): readonly unknown[];
  /** Options for TanStack Query, Pinia Colada and similar caches; this file imports none of them. */
  query(...args: Arguments<Args>): { queryKey: readonly unknown[]; queryFn: (context?: { signal?: AbortSignal }) => Promise<Ok> };
  readonly operation: Operation;
}
/** A call that changes something: it resolves to the response and rejects with {@link ApiError}. */
export interface Write<Args, Ok, Err = never> {
  (...args: [...Arguments<Args>, options?: CallOptions]): Promise<Ok>;
  safe(...args: [...Arguments<Args>, options?: CallOptions]): Promise<Result<Ok, Err>>;
  readonly operation: Operation;
}

export interface SubscribeOptions {
  /** How many of the last messages to receive first, unless this page is subscribed to the channel already. */
  last?: number;
  /** The server confirms that messages arrive from now on: after subscribing and after each reconnect. The time to (re)fetch. */
  onOpen?: () => void;
  /** The connection was lost after {@link onOpen}; reconnecting continues until that is called again. */
  onClose?: () => void;
  /** The server refused the subscription. By default it is logged to the console. */
  onError?: (error: ChannelRefused) => void;
}
export type AnyEvent<Events> = { [Name in keyof Events]: { channel: Name; data: Events[Name] } }[keyof Events];
export interface Channel<Data> extends AsyncIterable<Data> {
  /** Subscribes, and returns a function that unsubscribes. */
  (listener: (data: Data) => void, options?: SubscribeOptions): () => void;
}
export type Channels<Events> = { readonly [Name in keyof Events]: Channel<Events[Name]> } & {
  /** Every channel of the plugin; `channel` distinguishes the events. */
  readonly any: Channel<AnyEvent<Events>>;
};
/** Opens a WebSocket that a plugin serves itself. */
export interface Socket<Args extends readonly unknown[], Send, Receive> {
  (...args: Args): Connection<Send, Receive>;
  url(...args: Args): string;
}
/** Iterating yields what the server sends until either side closes; leaving the loop closes the connection. */
export interface Connection<Send, Receive> extends AsyncIterable<Receive> {
  /** A message that is sent before the connection is open waits until it is. */
  send(message: Send): void;
  close(): void;
}

/** A response that is not a success. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  declare readonly problem: Problem<number>;
  declare readonly operation: Operation;
  constructor(problem: Problem<number>, operation: Operation, at: string) {
    super(`${at}: ${problem.status} ${problem.detail}`);
    Object.assign(this, { problem, operation });
  }
}
/** A channel to which the server refused a subscription. */
export interface ChannelRefused extends Error {
  /** Its name on the wire. */
  readonly channel: string;
  readonly status: number;
}

/** How calls and messages travel. Replace either half for tests, server-side rendering or another socket library. */
export interface Transport {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Subscribes to channels by their names on the wire, and returns a function that unsubscribes. */
  subscribe: (channels: readonly string[], listener: (data: unknown, channel: string) => void, options: SubscribeOptions) => () => void;
}
/** This frontend was built for another version of the backend. */
export interface Stale {
  plugin: string;
  /** The digest for which this file was generated. */
  expected: string;
  /** The digest that the backend sent. */
  actual: string;
}
export interface ApiOptions {
  /** The start of every URL; by default the site of the page. */
  baseUrl?: string;
  /** The URL of the broadcast channels; by default `baseUrl` + `/channels`. */
  socketUrl?: string;
  /** Sent with every call, e.g. `Authorization`. */
  headers?: () => { [name: string]: string } | Promise<{ [name: string]: string }>;
  /** Whether cookies are sent to another site; by default the browser's rule. */
  credentials?: RequestCredentials;
  /** Calls that change something send the value of this cookie in this header. */
  csrf?: { readonly cookie: string; readonly header: string };
  transport?: Partial<Transport>;
  /** The backend has changed since this file was generated; called once per plugin. By default it is logged to the console. */
  onStale?: (stale: Stale) => void;
}

type Target = Pick<Operation, "target" | "args">;
type Subscribe = Transport["subscribe"];

const map = <From, To>(from: { readonly [name: string]: From }, make: (value: From, name: string) => To): { [name: string]: To } =>
  Object.fromEntries(Object.entries(from).map(([name, value]) => [name, make(value, name)]));

/** Adds to a form or a query; an array becomes one entry per item, a file alone gets a name that does not matter. */
const fill = <To extends URLSearchParams | FormData>(to: To, from: unknown): To => {
  for (const [name, value] of Object.entries(from instanceof Blob ? [from] : (from ?? {})))
    for (const item of [value].flat() as string[]) item != null && to.append(name, item);
  return to;
};

/** `undefined` for text that is not JSON. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {}
};

/** The value after `name=` in a list, e.g. of cookies. */
const pick = (list: unknown, separator: string, name: string): string | undefined =>
  (separator + list).split(`${separator}${name}=`)[1]?.split(separator)[0];

const urlOf = (base: string, { target, args: kinds }: Target, args: readonly unknown[]): string => {
  const path = typeof target === "string" ? target : target(args[0] as never);
  const query = fill(new URLSearchParams(), args[kinds.indexOf("q")]) + "";
  // A parameter of "", "." or ".." would lead to another route: no encoding prevents URL parsers from removing these segments.
  if (path !== target && /\/(\.\.?)?(\/|$)/.test(path)) throw Error(`${path} is another path`);
  return base + path + (query && "?" + query);
};

const socketUrl = (url: string): string => new URL(url, globalThis.location?.href).href.replace(/^http/, "ws");

/** An iterator of what arrives: `start` receives a function to add data and one to end, and returns one that stops the source. */
const iterate = <Data>(start: (push: (data: Data) => void, end: (error?: Error) => void) => () => void): AsyncIterator<Data, undefined> => {
  let stop: () => void;
  const reader = new ReadableStream<Data>({
    start(to) {
      const end = (error?: Error): void => {
        error ? to.error(error) : to.close();
        queueMicrotask(() => stop()); // it may end before `start` has returned `stop`
      };
      stop = start((data) => to.enqueue(data), end);
    },
    cancel: () => stop(),
  }).getReader();
  const done = (): IteratorResult<Data, undefined> => ({ done: true, value: undefined });
  return {
    next: () => reader.read() as Promise<IteratorResult<Data, undefined>>,
    return: () => reader.cancel().then(done, done), // an iterator that failed has ended too
  };
};

/** One WebSocket for all channels, which reconnects after it was lost. */
const channelSocket = (url: () => string): Subscribe => {
  type Entry = SubscribeOptions & { channels: readonly string[]; listener: (data: unknown, channel: string) => void };
  interface Frame {
    channel?: string;
    data?: unknown;
    error?: string;
    status?: number;
    subscribed?: string;
  }
  /** All subscriptions, whether there is a connection or not. */
  const entries = new Set<Entry>();
  /** State of a channel on this connection: 0 requested, 1 confirmed, 2 refused; no entry: not requested. */
  const states = new Map<string, 0 | 1 | 2>();
  let socket: WebSocket | undefined;
  /** Maximum time until the next attempt, in milliseconds. */
  let delay = 250;
  /** Timer of the next attempt, or of the next check whether the server still responds: never both. */
  let timer: ReturnType<typeof setTimeout>;

  const send = (frame: object): void => socket?.send(JSON.stringify(frame));
  /** Calls a subscriber back unless it has unsubscribed meanwhile; an error in its callback does not affect the others. */
  const notify = (entry: Entry, how: (entry: Entry) => void): void => {
    try {
      if (entries.has(entry)) how(entry);
    } catch (error) {
      (globalThis.reportError ?? console.error)(error);
    }
  };
  const each = (channel: string | undefined, how: (entry: Entry) => void): void =>
    [...entries].forEach((entry) => entry.channels.includes(channel!) && notify(entry, how));
  /** Subscribes to channels that were not requested yet, and again to those that were refused. */
  const ask = ({ channels, last }: Entry): void => {
    for (const subscribe of channels)
      if (socket?.readyState === 1 && (states.get(subscribe) ?? 2) > 1) {
        states.set(subscribe, 0);
        send({ subscribe, ack: true, last });
      }
  };
  /** Whether all of its channels are answered and not all of them refused; a channel that was not requested makes this NaN. */
  const isOpen = ({ channels }: Entry): boolean => Math.min(...channels.map((channel) => states.get(channel)!)) === 1;
  const opened = (entry: Entry): void => {
    if (!isOpen(entry)) return;
    delete entry.last; // after a reconnect the page has these messages already
    entry.onOpen?.();
  };
  const refuse = (entry: Entry, channel: string, status: number, why: string): void =>
    (entry.onError ?? console.error)(Object.assign(Error(`${channel}: ${status} ${why}`), { channel, status }));
  const leave = (): void => {
    const now = socket;
    socket = undefined;
    clearTimeout(timer);
    states.clear();
    now?.close();
  };
  const retry = (): void => {
    for (const entry of [...entries]) if (isOpen(entry)) notify(entry, () => entry.onClose?.());
    leave();
    timer = setTimeout(connect, (delay *= delay < 4e3 ? 2 : 1) * Math.random());
  };
  const connect = (): void => {
    const now = (socket = new WebSocket(url()));
    /** After 30 s without a message, sends a ping; without a reply to it the connection is dead. */
    const alive = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        timer = setTimeout(retry, 1e4);
        if (now.readyState === 1) send({ ping: 1 });
      }, 3e4);
    };
    alive();
    now.onopen = () => entries.forEach(ask);
    now.onerror = () => {}; // `onclose` follows
    now.onclose = ({ code, reason }) => {
      if (socket !== now) return;
      if (code < 4400 || code > 4499) return retry();
      // The subscriptions are refused and not retried; those that a callback adds meanwhile are not affected.
      const all = [...entries];
      leave();
      for (const entry of all) for (const channel of entry.channels) notify(entry, () => refuse(entry, channel, code - 4000, reason));
    };
    now.onmessage = (message) => {
      if (socket !== now) return;
      alive();
      const { channel, data, error, status, subscribed } = Object(parse(message.data as string)) as Frame;
      if (error) {
        states.set(channel!, 2);
        each(channel, (entry) => {
          refuse(entry, channel!, status!, error);
          opened(entry);
        });
      } else if (subscribed) {
        delay = 250;
        states.set(subscribed, 1);
        each(subscribed, opened);
      } else each(channel, (entry) => entry.listener(data, channel!));
    };
  };
  return (channels, listener, options) => {
    const entry = { ...options, channels, listener };
    if (channels[0]) socket || connect(); // a plugin may have none
    entries.add(entry);
    ask(entry);
    queueMicrotask(() => notify(entry, opened)); // the server does not confirm a channel again that others subscribed to
    return () => {
      if (!entries.delete(entry)) return;
      for (const unsubscribe of channels)
        if (![...entries].some((other) => other.channels.includes(unsubscribe)) && states.delete(unsubscribe)) send({ unsubscribe });
      queueMicrotask(() => entries.size || leave()); // a page that changes its view subscribes again immediately
    };
  };
};

/** Subscribes to one channel, or to several as one; `shape` turns a message into what the listener receives. */
const channelOf = (subscribe: Subscribe, channels: readonly string[], shape: (data: unknown, channel: string) => unknown): Channel<unknown> => {
  const listen = (listener: (data: unknown) => void, options: SubscribeOptions = {}): (() => void) =>
    subscribe(channels, (data, channel) => listener(shape(data, channel)), options);
  return Object.assign(listen, { [Symbol.asyncIterator]: () => iterate((push, onError) => listen(push, { onError })) });
};

/** One call; `check` inspects every response. */
const callOf = (key: readonly string[], operation: Operation, options: ApiOptions, check: (response: Response) => void): object => {
  const { args: kinds, send, answer } = operation;
  const method = operation.method.toUpperCase();
  const url = (...args: unknown[]): string => urlOf(options.baseUrl!, operation, args);
  const call = async (...args: unknown[]): Promise<unknown> => {
    const { headers: more, signal } = (args[kinds.length] ?? {}) as CallOptions;
    const { csrf, credentials } = options;
    const at = url(...args);
    const headers = new Headers(await options.headers?.());
    const token = csrf && method !== "GET" && pick(globalThis.document?.cookie, "; ", csrf.cookie);
    let body = args[kinds.indexOf("b")];
    if (send) body = send === "raw" ? body : fill(send === "form" ? new URLSearchParams() : new FormData(), body);
    else if (body !== undefined) {
      headers.set("content-type", "application/json");
      body = JSON.stringify(body);
    }
    // Options override arguments; absent values are not sent.
    map({ ...(args[kinds.indexOf("h")] as object), ...more }, (value: string, name) => value != null && headers.set(name, value));
    if (token) headers.set(csrf.header, token);
    const response = await (options.transport?.fetch ?? fetch)(at, { method, headers, body, signal, credentials } as RequestInit);
    const { ok, status, statusText: title } = response;
    check(response);
    if (ok && answer) return answer === "stream" ? response.body : response[answer]();
    const text = await response.text();
    const data = parse(text);
    if (ok && (!text || data !== undefined)) return data;
    const detail = (ok ? "not JSON: " : "") + text.slice(0, 200);
    throw new ApiError({ type: "about:blank", title, detail, requestId: "", ...(data as object), status }, operation, `${key.join(".")}: ${method} ${at}`);
  };
  return Object.assign(call, {
    safe: (...args: unknown[]) =>
      call(...args).then(
        (data) => ({ ok: true, data }),
        (error) => {
          if (error instanceof ApiError && operation.errors?.includes(error.problem.status)) return { ok: false, error: error.problem };
          throw error;
        },
      ),
    url,
    key: (...args: unknown[]) => [...key, ...args],
    operation,
    query: (...args: unknown[]) => ({
      queryKey: [...key, ...args],
      queryFn(context?: CallOptions) {
        const all = [...args];
        // The options come after all arguments, omitted ones included.
        all[kinds.length] = { signal: context?.signal };
        return call(...all);
      },
    }),
  });
};

/** Only the object of a plugin with WebSockets refers to it, so that the others are bundled without it. */
export function socketOf(this: SocketConfig, base: string): object {
  const { send: raw, answer } = this;
  const url = (...args: unknown[]): string => socketUrl(urlOf(base, this, args));
  const open = (...args: unknown[]): Connection<unknown, unknown> => {
    const at = url(...args);
    const socket = new WebSocket(at);
    const pending: unknown[] = [];
    const send = (message: unknown): void => socket.send(raw ? (message as string) : JSON.stringify(message));
    const incoming = iterate<unknown>((push, end) => {
      socket.onopen = () => pending.splice(0).forEach(send);
      socket.onerror = () => {}; // `onclose` follows
      socket.onmessage = ({ data }) => {
        const message = answer ? (data as unknown) : parse(data as string);
        message === undefined ? end(Error(`${at} sent invalid JSON: ${String(data).slice(0, 99)}`)) : push(message);
      };
      socket.onclose = ({ code, reason }) => end(code === 1000 || code === 1005 ? undefined : Error(`${at}: closed with ${code} ${reason}`));
      return () => {
        socket.onmessage = socket.onclose = null;
        socket.close();
      };
    });
    return {
      send: (message) => (socket.readyState ? send(message) : void pending.push(message)),
      close: () => void incoming.return!(),
      [Symbol.asyncIterator]: () => incoming,
    };
  };
  return Object.assign(open, { url });
}

/** The calls of a plugin, and the WebSockets that it serves itself. */
const callsOf = ({ pluginKey: plugin, schema: expected, data }: PluginConfig, options: ApiOptions): object => {
  let stale: Stale | undefined;
  const check = (response: Response): void => {
    const actual = pick(response.headers.get("x-schema"), ", ", plugin) ?? expected;
    if (actual === expected || stale) return;
    stale = { plugin, expected, actual };
    options.onStale ? options.onStale(stale) : console.warn("The backend has changed since this page was built:", stale);
  };
  return map(data, ({ operations, sockets = {} }, entity) => ({
    ...map(operations, (operation, name) => callOf([plugin, entity, name], operation, options, check)),
    ...map(sockets, (socket) => socket.open(options.baseUrl!)),
  }));
};

/** `on` of a plugin. */
const channelsOf = ({ pluginKey, channels }: PluginConfig, subscribe: Subscribe): object => ({
  ...map(channels, (channel) => channelOf(subscribe, [channel], (data) => data)),
  any: channelOf(subscribe, Object.values(channels), (data, channel) => ({ channel: channel.slice(pluginKey.length + 2), data })),
});

/** The key of the plugin in an exported constant: the `$` of a child's constant is a dot in its key. */
type KeyOf<Name extends string> = Name extends `${infer Parent}$${infer Child}` ? KeyOf<`${Parent}.${Child}`> : Name;
type Plugins<Names extends string> = { readonly [Name in Names]: PluginConfig & { readonly pluginKey: KeyOf<Name> } };
type ApiOf<Name extends string> = KeyOf<Name> extends keyof Api ? Api[KeyOf<Name>] : never;

const withBase = (options: ApiOptions): ApiOptions => ({ ...options, baseUrl: (options.baseUrl ?? "").replace(/\/$/, "") });

/** `createApi({ acme__todo }).acme__todo.task.create({ title: "…" })`: only the named plugins are bundled. */
export const createApi = <Names extends string>(plugins: Plugins<Names>, options: ApiOptions = {}): { readonly [Name in Names]: ApiOf<Name> } => {
  const all = withBase(options);
  const subscribe = options.transport?.subscribe ?? channelSocket(() => socketUrl(options.socketUrl ?? all.baseUrl + "/channels"));
  return map(plugins as { [name: string]: PluginConfig }, (config) => ({ ...callsOf(config, all), on: channelsOf(config, subscribe) })) as never;
};
/** Like {@link createApi} without the channels, for a page that subscribes to none: it is bundled without their code. */
export const createCalls = <Names extends string>(plugins: Plugins<Names>, options: ApiOptions = {}): { readonly [Name in Names]: Omit<ApiOf<Name>, "on"> } =>
  map(plugins as { [name: string]: PluginConfig }, (config) => callsOf(config, withBase(options))) as never;
