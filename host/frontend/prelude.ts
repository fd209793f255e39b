// ───────────────────────────────────────────────────────────────────────────── wire scalars
// JSON has no such types: these are the strings that travel, named so that a hover says what they contain.

/** ISO 8601, e.g. `2026-11-20T23:59:00Z`; without an offset where the backend keeps none. */
export type DateTime = string;
/** ISO 8601 calendar date, e.g. `2026-11-20`. */
export type DateOnly = string;
/** ISO 8601 time of day, e.g. `23:59:00`. */
export type TimeOnly = string;
/** ISO 8601 duration, e.g. `PT90S`. */
export type Duration = string;
/** RFC 9562, lower case. */
export type UUID = string;
/** Exact decimal as a string, e.g. `"12.50"`. */
export type Decimal = string;
/** Bytes in base64, RFC 4648. */
export type Base64 = string;

// ───────────────────────────────────────────────────────────────────────────── errors the routes declare
/** RFC 9457, `application/problem+json`. */
export interface Problem<Status extends number, Extra = unknown> {
  /** A URI of the kind of problem. */
  type: string;
  title: string;
  status: Status;
  detail: string;
  /** Also sent as `X-Request-Id`; the host logs an unexpected error under it. */
  requestId: string;
  /** Further details, e.g. one entry for each invalid field. */
  extra?: Extra;
}
/** The request is invalid: one entry for each field. */
export type Invalid = Problem<400, { message: string; key?: string; source?: "body" | "query" | "path" | "header" | "cookie" }[]>;

// ───────────────────────────────────────────────────────────────────────────── the envelope of entity routes and channels
/** What `register_payload` adds to each item. */
export interface Row {
  readonly _displayName: string;
  readonly _completion: string;
  readonly _tags: readonly string[];
}
/** The position of a list within all results. */
export interface Page {
  /** The number of items in all. */
  total: number;
  /** The cursor of the next page, `null` on the last one. */
  next: string | null;
}
/** The answer of routes that return a payload, and the message on their channels. */
export interface Payload<Item> {
  type: string;
  action: StoreActionType;
  body: { items: (Item & Row)[]; page?: Page; prevVersion?: Item & Row; deleted?: string[] };
}

// ───────────────────────────────────────────────────────────────────────────── bodies that are forms
/** The part of a type that a form can contain: strings, numbers, booleans, files and lists of them. Omit a field instead of `null`. */
export type Form<Data> = { [Name in keyof Data]: FormField<Data[Name]> };
export type FormField<Value> = unknown extends Value
  ? unknown
  : Value extends string | number | boolean | Blob
    ? Value
    : Value extends readonly (infer Item)[]
      ? FormField<Item>[]
      : never;
