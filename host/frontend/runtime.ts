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
  /** Channels on which a success is announced. */
  readonly channels?: readonly ChannelRef[];
  /** The call's arguments in order: `p` path, `q` query, `b` body. */
  readonly args: "" | "p" | "q" | "b" | "pq" | "pb" | "qb" | "pqb";
  /** Statuses of the errors which the route declares. */
  readonly errors?: readonly number[];
}
export interface PluginConfig {
  readonly pluginName: string;
  readonly author: string;
  readonly pluginKey: string;
  readonly version: string;
  readonly routePrefix: string;
  readonly data: { readonly [entity: string]: { readonly type: string; readonly operations: { readonly [name: string]: Operation } } };
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

/** A call which changes nothing. */
export interface Read<Args extends readonly unknown[], Ok, Err = never> {
  /** Resolves to the answer; rejects on any other. */
  (...args: [...Args, options?: CallOptions]): Promise<Ok>;
  /** Resolves to the answer or to an error which the route declares (told apart by `status`); rejects on anything else. */
  safe(...args: [...Args, options?: CallOptions]): Promise<Result<Ok, Err>>;
  url(...args: Args): string;
  /** Stable cache key: `[pluginKey, entity, operation, ...args]`. */
  key(...args: Args): readonly unknown[];
  /** What TanStack Query, Pinia Colada and SWR-like caches take; this file imports none of them. */
  query(...args: Args): { queryKey: readonly unknown[]; queryFn: (context?: { signal?: AbortSignal }) => Promise<Ok> };
  readonly operation: Operation;
}
/** A call which changes something. */
export interface Write<Args extends readonly unknown[], Ok, Err = never> {
  (...args: [...Args, options?: CallOptions]): Promise<Ok>;
  safe(...args: [...Args, options?: CallOptions]): Promise<Result<Ok, Err>>;
  readonly operation: Operation;
}

export type AnyEvent<Events> = { [Name in keyof Events]: { channel: Name; data: Events[Name] } }[keyof Events];
export interface Channel<Data> extends AsyncIterable<Data> {
  /** Subscribes; the answer unsubscribes. */
  (listener: (data: Data) => void): () => void;
}
export type Channels<Events> = { readonly [Name in keyof Events]: Channel<Events[Name]> } & {
  /** Every channel of the plugin; tell the events apart by `channel`. */
  readonly any: Channel<AnyEvent<Events>>;
};
