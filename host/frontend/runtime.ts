// ───────────────────────────────────────────────────────────────────────────── the same text in every generated file, no imports
export type StoreActionType = "dataRead" | "dataCreate" | "dataUpdate" | "dataDelete" | "dataHardDelete" | "dataMove" | "dataRestore";
export interface ChannelRef {
  /** On the wire: `prefix--channelKey`. */
  readonly channel: string;
  readonly channelKey: string;
  readonly prefix: string;
}
export interface Operation {
  /** The whole path; a function of the path parameters, which it encodes. */
  readonly target: string | ((payload: never) => string);
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** How a store treats the answer; absent where the route does not say. */
  readonly storeActionType?: StoreActionType;
  /** The call's arguments in order: `p` path, `q` query, `b` body, `h` headers. */
  readonly args: string;
  /** How the body travels where it is not JSON. */
  readonly send?: "form" | "multipart" | "raw";
  /** What a success is where it is not JSON. */
  readonly answer?: "text" | "blob" | "stream";
  /** Statuses of the errors which the route declares. */
  readonly errors?: readonly number[];
  /** Channels on which a success is announced. */
  readonly channels?: readonly ChannelRef[];
}
/** A WebSocket that a plugin serves itself. */
export interface SocketConfig {
  readonly target: string | ((payload: never) => string);
  /** `p` path, `q` query. */
  readonly args: string;
  /** What is sent, where it is not JSON. */
  readonly send?: "raw";
  /** What comes, where it is not JSON. */
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
  /** Digest of all that the backend says of this plugin; it sends the same with every answer. */
  readonly schema: string;
  readonly data: { readonly [entity: string]: EntityConfig };
  /** Channel key → name on the wire. */
  readonly channels: { readonly [channelKey: string]: string };
  readonly enums: { readonly [name: string]: readonly (string | number)[] };
  readonly uses?: readonly (keyof Contracts)[];
  /** What the plugin passes on to its frontend. */
  readonly custom?: { readonly [name: string]: unknown };
}

export interface CallOptions {
  signal?: AbortSignal;
  headers?: { [name: string]: string };
}
export type Result<Ok, Err> = { ok: true; data: Ok; error?: never } | { ok: false; data?: never; error: Err };

/** `Args` is a tuple. Where each call had to prove that, the compiler would take a fifth longer. */
type Arguments<Args> = Args extends readonly unknown[] ? Args : never;
/** A call which changes nothing: it resolves to the answer and rejects with {@link ApiError}. */
export interface Read<Args, Ok, Err = never> {
  (...args: [...Arguments<Args>, options?: CallOptions]): Promise<Ok>;
  /** Resolves to the answer or to an error which the route declares (told apart by `status`); rejects on anything else. */
  safe(...args: [...Arguments<Args>, options?: CallOptions]): Promise<Result<Ok, Err>>;
  url(...args: Arguments<Args>): string;
  /** Stable cache key: `[pluginKey, entity, operation, ...args]`. */
  key(...args: Arguments<Args>): readonly unknown[];
  /** What TanStack Query, Pinia Colada and SWR-like caches take; this file imports none of them. */
  query(...args: Arguments<Args>): { queryKey: readonly unknown[]; queryFn: (context?: { signal?: AbortSignal }) => Promise<Ok> };
  readonly operation: Operation;
}
/** A call which changes something: it resolves to the answer and rejects with {@link ApiError}. */
export interface Write<Args, Ok, Err = never> {
  (...args: [...Arguments<Args>, options?: CallOptions]): Promise<Ok>;
  safe(...args: [...Arguments<Args>, options?: CallOptions]): Promise<Result<Ok, Err>>;
  readonly operation: Operation;
}

export interface SubscribeOptions {
  /** How many of the last messages come first, where nobody on this page listens to the channel yet. */
  last?: number;
  /** The server confirms that messages come from now on: after subscribing and after each reconnect. The moment to (re)fetch. */
  onOpen?: () => void;
  /** The connection was lost after {@link onOpen}; it is tried again until that is called again. */
  onClose?: () => void;
  /** The server refuses; without this the console is told. */
  onError?: (error: ChannelRefused) => void;
}
export type AnyEvent<Events> = { [Name in keyof Events]: { channel: Name; data: Events[Name] } }[keyof Events];
export interface Channel<Data> extends AsyncIterable<Data> {
  /** Subscribes; the answer unsubscribes. */
  (listener: (data: Data) => void, options?: SubscribeOptions): () => void;
}
export type Channels<Events> = { readonly [Name in keyof Events]: Channel<Events[Name]> } & {
  /** Every channel of the plugin; tell the events apart by `channel`. */
  readonly any: Channel<AnyEvent<Events>>;
};
/** Opens a WebSocket that a plugin serves itself. */
export interface Socket<Args extends readonly unknown[], Send, Receive> {
  (...args: Args): Connection<Send, Receive>;
  url(...args: Args): string;
}
/** Iterating gives what comes until either side closes; leaving the loop closes. */
export interface Connection<Send, Receive> extends AsyncIterable<Receive> {
  /** What is sent before the connection is open waits until it is. */
  send(message: Send): void;
  close(): void;
}

/** An answer that is no success. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  declare readonly problem: Problem<number>;
  declare readonly operation: Operation;
  constructor(problem: Problem<number>, operation: Operation, at: string) {
    super(`${at}: ${problem.status} ${problem.detail}`);
    Object.assign(this, { problem, operation });
  }
}
/** A channel that may not be listened to. */
export interface ChannelRefused extends Error {
  /** On the wire. */
  readonly channel: string;
  readonly status: number;
}

/** What carries the calls. Replace either half for tests, server-side rendering or another socket library. */
export interface Transport {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Listens on channels by their names on the wire; the answer stops. */
  subscribe: (channels: readonly string[], listener: (data: unknown, channel: string) => void, options: SubscribeOptions) => () => void;
}
/** A frontend that was built for another backend. */
export interface Stale {
  plugin: string;
  /** The digest for which this file was made. */
  expected: string;
  /** The digest of the backend that answered. */
  actual: string;
}
export interface ApiOptions {
  /** In front of every path; by default the site that the page came from. */
  baseUrl?: string;
  /** Where the broadcast channels are; by default `baseUrl` + `/channels`. */
  socketUrl?: string;
  /** Sent with every call, e.g. `Authorization`. */
  headers?: () => { [name: string]: string } | Promise<{ [name: string]: string }>;
  /** Whether cookies go to another site; by default the browser's rule. */
  credentials?: RequestCredentials;
  /** Calls that change something send the value of this cookie in this header. */
  csrf?: { readonly cookie: string; readonly header: string };
  transport?: Partial<Transport>;
  /** The backend has changed since this file was made; told once a plugin. By default the console is told. */
  onStale?: (stale: Stale) => void;
}

type Target = Pick<Operation, "target" | "args">;
type Subscribe = Transport["subscribe"];

const map = <From, To>(from: { readonly [name: string]: From }, make: (value: From, name: string) => To): { [name: string]: To } =>
  Object.fromEntries(Object.entries(from).map(([name, value]) => [name, make(value, name)]));

/** Adds to a form or a query; an array goes as one entry for each of its items, a file alone under a name that does not matter. */
const fill = <To extends URLSearchParams | FormData>(to: To, from: unknown): To => {
  for (const [name, value] of Object.entries(from instanceof Blob ? [from] : (from ?? {})))
    for (const one of [value].flat() as string[]) one != null && to.append(name, one);
  return to;
};

/** `undefined` where it is no JSON. */
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
  // A parameter of "", "." or ".." would lead to another route: no encoding keeps these from being taken out of a URL.
  if (path !== target && /\/(\.\.?)?(\/|$)/.test(path)) throw Error(`${path} is another path`);
  return base + path + (query && "?" + query);
};

const socketUrl = (url: string): string => new URL(url, globalThis.location?.href).href.replace(/^http/, "ws");

/** What comes, one at a time: `start` is given where to put it and how to end, and gives what stops it. */
const iterate = <Data>(start: (push: (data: Data) => void, end: (error?: Error) => void) => () => void): AsyncIterator<Data, undefined> => {
  let stop: () => void;
  const reader = new ReadableStream<Data>({
    start(to) {
      const end = (error?: Error): void => {
        error ? to.error(error) : to.close();
        queueMicrotask(() => stop()); // it may end before `start` has given that
      };
      stop = start((data) => to.enqueue(data), end);
    },
    cancel: () => stop(),
  }).getReader();
  const done = (): IteratorResult<Data, undefined> => ({ done: true, value: undefined });
  return {
    next: () => reader.read() as Promise<IteratorResult<Data, undefined>>,
    return: () => reader.cancel().then(done, done), // what has failed is over too
  };
};

/** One WebSocket for all channels, which comes back after it was lost. */
const channelSocket = (url: () => string): Subscribe => {
  type Entry = SubscribeOptions & { channels: readonly string[]; listener: (data: unknown, channel: string) => void };
  interface Frame {
    channel?: string;
    data?: unknown;
    error?: string;
    status?: number;
    subscribed?: string;
  }
  /** Who listens, whether there is a connection or not. */
  const entries = new Set<Entry>();
  /** Where a channel stands on this connection: 0 asked for, 1 confirmed, 2 refused; no entry: not asked for. */
  const states = new Map<string, 0 | 1 | 2>();
  let socket: WebSocket | undefined;
  /** Milliseconds, at most, until the next attempt. */
  let delay = 250;
  /** Of the next attempt, or of the next doubt whether the server is still there: never both. */
  let timer: ReturnType<typeof setTimeout>;

  const send = (frame: object): void => socket?.send(JSON.stringify(frame));
  /** Calls somebody back, unless whoever was told before has stopped it; what goes wrong there harms nobody else. */
  const tell = (entry: Entry, how: (entry: Entry) => void): void => {
    try {
      if (entries.has(entry)) how(entry);
    } catch (error) {
      (globalThis.reportError ?? console.error)(error);
    }
  };
  const each = (channel: string | undefined, how: (entry: Entry) => void): void =>
    [...entries].forEach((entry) => entry.channels.includes(channel!) && tell(entry, how));
  /** Subscribes to what was not asked for yet, and once more to what was refused. */
  const ask = ({ channels, last }: Entry): void => {
    for (const subscribe of channels)
      if (socket?.readyState === 1 && (states.get(subscribe) ?? 2) > 1) {
        states.set(subscribe, 0);
        send({ subscribe, ack: true, last });
      }
  };
  /** Whether all of its channels have been answered, and not all of them refused; what was not asked for makes NaN. */
  const isOpen = ({ channels }: Entry): boolean => Math.min(...channels.map((channel) => states.get(channel)!)) === 1;
  const opened = (entry: Entry): void => {
    if (!isOpen(entry)) return;
    delete entry.last; // after a reconnect they have been seen
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
    for (const entry of [...entries]) if (isOpen(entry)) tell(entry, () => entry.onClose?.());
    leave();
    timer = setTimeout(connect, (delay *= delay < 4e3 ? 2 : 1) * Math.random());
  };
  const connect = (): void => {
    const now = (socket = new WebSocket(url()));
    /** Where nothing is heard for 30 s, ask whether anybody is there; without an answer the connection is dead. */
    const alive = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        timer = setTimeout(retry, 1e4);
        if (now.readyState === 1) send({ ping: 1 });
      }, 3e4);
    };
    alive();
    now.onopen = () => entries.forEach(ask);
    now.onerror = () => {}; // the close follows
    now.onclose = ({ code, reason }) => {
      if (socket !== now) return;
      if (code < 4400 || code > 4499) return retry();
      // Whoever may not listen here is told and not tried again. Who listens again meanwhile is not meant.
      const all = [...entries];
      leave();
      for (const entry of all) for (const channel of entry.channels) tell(entry, () => refuse(entry, channel, code - 4000, reason));
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
    queueMicrotask(() => tell(entry, opened)); // where others listen already, the server does not confirm again
    return () => {
      if (!entries.delete(entry)) return;
      for (const unsubscribe of channels)
        if (![...entries].some((other) => other.channels.includes(unsubscribe)) && states.delete(unsubscribe)) send({ unsubscribe });
      queueMicrotask(() => entries.size || leave()); // a page that changes its view subscribes again at once
    };
  };
};

/** What listens to one channel, or to several as one; `shape` makes of a message what the listener gets. */
const channelOf = (subscribe: Subscribe, channels: readonly string[], shape: (data: unknown, channel: string) => unknown): Channel<unknown> => {
  const listen = (listener: (data: unknown) => void, options: SubscribeOptions = {}): (() => void) =>
    subscribe(channels, (data, channel) => listener(shape(data, channel)), options);
  return Object.assign(listen, { [Symbol.asyncIterator]: () => iterate((push, onError) => listen(push, { onError })) });
};

/** One call; `check` looks at every answer. */
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
    // Arguments, then options: the later win, and what is not there is not sent.
    map({ ...(args[kinds.indexOf("h")] as object), ...more }, (value: string, name) => value != null && headers.set(name, value));
    if (token) headers.set(csrf.header, token);
    const response = await (options.transport?.fetch ?? fetch)(at, { method, headers, body, signal, credentials } as RequestInit);
    const { ok, status, statusText: title } = response;
    check(response);
    if (ok && answer) return answer === "stream" ? response.body : response[answer]();
    const text = await response.text();
    const data = parse(text);
    if (ok && (!text || data !== undefined)) return data;
    const detail = (ok ? "no JSON: " : "") + text.slice(0, 200);
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
        // The options come after all arguments, also after those that were left out.
        all[kinds.length] = { signal: context?.signal };
        return call(...all);
      },
    }),
  });
};

/** Stands at each WebSocket of a plugin, so that the others are bundled without it. */
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
      socket.onerror = () => {}; // the close follows
      socket.onmessage = ({ data }) => {
        const message = answer ? (data as unknown) : parse(data as string);
        message === undefined ? end(Error(`${at} sent no JSON: ${String(data).slice(0, 99)}`)) : push(message);
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
  let told: Stale | undefined;
  const check = (response: Response): void => {
    const actual = pick(response.headers.get("x-schema"), ", ", plugin) ?? expected;
    if (actual === expected || told) return;
    told = { plugin, expected, actual };
    options.onStale ? options.onStale(told) : console.warn("The backend has changed since this page was built:", told);
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

/** The plugin that an exported constant holds: the `$` of a child's constant is a dot in its key. */
type KeyOf<Name extends string> = Name extends `${infer Parent}$${infer Child}` ? KeyOf<`${Parent}.${Child}`> : Name;
type Plugins<Names extends string> = { readonly [Name in Names]: PluginConfig & { readonly pluginKey: KeyOf<Name> } };
type ApiOf<Name extends string> = KeyOf<Name> extends keyof Api ? Api[KeyOf<Name>] : never;

const withBase = (options: ApiOptions): ApiOptions => ({ ...options, baseUrl: (options.baseUrl ?? "").replace(/\/$/, "") });

/** `createApi({ acme__todo }).acme__todo.task.create({ title: "…" })`: only the plugins named are bundled. */
export const createApi = <Names extends string>(plugins: Plugins<Names>, options: ApiOptions = {}): { readonly [Name in Names]: ApiOf<Name> } => {
  const all = withBase(options);
  const subscribe = options.transport?.subscribe ?? channelSocket(() => socketUrl(options.socketUrl ?? all.baseUrl + "/channels"));
  return map(plugins as { [name: string]: PluginConfig }, (config) => ({ ...callsOf(config, all), on: channelsOf(config, subscribe) })) as never;
};
/** As {@link createApi}, without the channels, for a page that does not listen: it is bundled without them. */
export const createCalls = <Names extends string>(plugins: Plugins<Names>, options: ApiOptions = {}): { readonly [Name in Names]: Omit<ApiOf<Name>, "on"> } =>
  map(plugins as { [name: string]: PluginConfig }, (config) => callsOf(config, withBase(options))) as never;
