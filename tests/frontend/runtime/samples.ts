// A frontend of the sample plugins. The compiler must accept every line and refuse those under `@ts-expect-error`.
import all, { ApiError, acme__auth, acme__billing, acme__todo, createApi, createCalls, schemaHash } from "./generated-config";
import type { AcmeAuth, AcmeBilling, AcmeTodo, AcmeTodoEvents, AnyEvent, Api, Contracts, Invalid, Payload, PluginConfig, Row, Transport } from "./generated-config";
import { equal } from "./harness";

type Equal<A, B> = (<G>() => G extends A ? 1 : 2) extends <G>() => G extends B ? 1 : 2 ? true : false;
const must = <_Claim extends true>(): void => {};

// ── a fake backend, so that this file also runs
const listeners = new Set<[readonly string[], (data: unknown, channel: string) => void]>();
const log: string[] = [];
const task = (over: object = {}): AcmeTodo.Task & Row => ({
  _displayName: "Write",
  _completion: "open",
  _tags: [],
  id: "t1",
  version: 1,
  tags: [],
  owner: null,
  lastEditor: null,
  isDeleted: false,
  createdAt: "2026-11-20T00:00:00Z",
  updatedAt: "2026-11-20T00:00:00Z",
  account: "default",
  title: "Write",
  status: "open",
  priority: 2,
  due: null,
  ...over,
});
const payload = (action: Payload<AcmeTodo.Task>["action"], ...items: (AcmeTodo.Task & Row)[]): Payload<AcmeTodo.Task> => ({ type: "task", action, body: { items } });
const emit = (channel: string, data: unknown): void => listeners.forEach(([channels, listener]) => channels.includes(channel) && listener(data, channel));
const transport: Transport = {
  async fetch(url, init) {
    log.push(`${init.method} ${url} ${typeof init.body === "string" ? init.body : ""}`.trim());
    if (url.endsWith("/missing")) return Response.json({ detail: "no such task" }, { status: 404 });
    if (url.endsWith("/task") && init.method === "POST") {
      const { title } = JSON.parse(String(init.body)) as { title: string };
      if (title === "Too many") return Response.json({ detail: "used up", extra: { plan: "free", used: 3, limit: 3 } }, { status: 402 });
      const created = payload("dataCreate", task({ title }));
      emit("acme__todo--taskCreated", created);
      return Response.json(created, { status: 201 });
    }
    if (init.method === "DELETE") {
      const gone = { ...payload("dataDelete"), body: { items: [], deleted: ["t1"] } };
      emit("acme__todo--taskDeleted", gone);
      return Response.json(gone);
    }
    return Response.json(payload("dataRead", task()));
  },
  subscribe(channels, listener) {
    const entry: [readonly string[], typeof listener] = [channels, listener];
    listeners.add(entry);
    return () => listeners.delete(entry);
  },
};

export const digest: string = schemaHash;
export const plugins: { readonly [key: string]: PluginConfig } = all;
const apis = createApi({ acme__todo, acme__billing, acme__auth }, { baseUrl: "https://example.test", transport });
must<Equal<typeof apis, Readonly<Pick<Api, "acme__todo" | "acme__billing" | "acme__auth">>>>();
const api = apis.acme__todo;

// calls
const created = await api.task.create({ title: "Ship it", tags: ["a"] });
must<Equal<typeof created, Payload<AcmeTodo.Task>>>();
const page = await api.task.getAll({ status: "open", tag: ["x", "y"], limit: 10 });
const first: (AcmeTodo.Task & Row) | undefined = page.body.items[0];
const next: string | null | undefined = page.body.page?.next;
await api.task.getAll();
await api.task.update({ id: "a/b" }, { due: null, version: 1 });
const gone = await api.task.delete({ id: "t1" });
equal(gone.body.deleted, ["t1"]);
await api.task.get({ id: "t1" }, { signal: AbortSignal.timeout(1000) });
await api.task.getAll(undefined, { signal: AbortSignal.timeout(1000) });
const invoices = await apis.acme__billing.invoice.getAll();
void invoices;
const signIn = async (): Promise<AcmeAuth.SignedIn> => apis.acme__auth.login.create({ email: "ada@example.org", password: "correct horse" });
const signOut = async (): Promise<void> => apis.acme__auth.logout.create();
void [signIn, signOut, next];

// @ts-expect-error title is required
void (() => api.task.create({ tags: [] }));
// @ts-expect-error unknown property
void (() => api.task.create({ title: "x", prio: 1 }));
// @ts-expect-error not a status
void (() => api.task.create({ title: "x", status: "closed" }));
// @ts-expect-error optional is not nullable
void (() => api.task.create({ title: "x", status: null }));
// @ts-expect-error exactOptionalPropertyTypes: undefined is not the same as omitted
void (() => api.task.create({ title: "x", status: undefined }));
// @ts-expect-error path parameter is missing
void (() => api.task.get());
// @ts-expect-error no such route
void (() => api.task.archive({ id: "t1" }));
// @ts-expect-error the backend expects a number in the query
void (() => api.task.getAll({ limit: "5" }));
// @ts-expect-error not an order
void (() => api.task.getAll({ sort: "status" }));
// @ts-expect-error only the plugins passed in are there
void (() => createApi({ acme__todo }).acme__billing);
// @ts-expect-error the wrong plugin under a name
void (() => createApi({ acme__todo: acme__billing }));
// @ts-expect-error a plugin under a name that is not its own
void (() => createApi({ todo: acme__todo }));
// @ts-expect-error createCalls has no channels
void (() => createCalls({ acme__todo }).acme__todo.on);
// @ts-expect-error an unsafe method is not a cache query
void (() => api.task.create.query({ title: "x" }));
// @ts-expect-error ids are read-only
void (() => first && (first.id = "other"));
// @ts-expect-error noUncheckedIndexedAccess
void (() => created.body.items[0].title);

// errors, by status
const bad = await api.task.get.safe({ id: "missing" });
if (!bad.ok) log.push(`safe ${bad.error.status} ${bad.error.detail}`);
const full = await api.task.create.safe({ title: "Too many" });
if (!full.ok) {
  must<Equal<typeof full.error.status, 400 | 401 | 402 | 403 | 409>>();
  if (full.error.status === 402) {
    must<Equal<NonNullable<typeof full.error.extra>, AcmeBilling.Quota>>();
    log.push(`quota ${full.error.extra?.used} of ${full.error.extra?.limit}`);
  } else if (full.error.status === 400) must<Equal<typeof full.error, Invalid>>();
} else must<Equal<typeof full.data, Payload<AcmeTodo.Task>>>();
// @ts-expect-error error may be missing unless ok was checked
void (() => full.error.status);
try {
  await api.task.get({ id: "missing" });
} catch (error) {
  if (error instanceof ApiError) log.push(error.message);
}

// caches: TanStack Query's useQuery(api.task.getAll.query({ status: "open" }))
const options = api.task.getAll.query({ status: "open" });
must<Equal<Awaited<ReturnType<typeof options.queryFn>>, Payload<AcmeTodo.Task>>>();
log.push(JSON.stringify(options.queryKey), (await options.queryFn()).body.items[0]?.title ?? "none", api.task.get.url({ id: "ü/1" }));

// channels
const seen: string[] = [];
const title = (of: Payload<AcmeTodo.Task>): string | undefined => of.body.items[0]?.title;
const stop = api.on.taskCreated((created) => {
  must<Equal<typeof created, Payload<AcmeTodo.Task>>>();
  seen.push(`on ${title(created)}`);
});
const stopAny = api.on.any((event) => {
  must<Equal<typeof event, AnyEvent<AcmeTodoEvents>>>();
  switch (event.channel) {
    case "taskCreated":
    case "taskRestored":
    case "taskUpdated":
      seen.push(`any ${event.channel} ${title(event.data)}`);
      break;
    case "taskDeleted":
      seen.push(`any ${event.channel} ${event.data.body.deleted?.join()}`);
      break;
    default:
      event satisfies never;
  }
});
// @ts-expect-error no such channel
void (() => api.on.taskMoved(() => {}));
// @ts-expect-error a message is a payload
void (() => api.on.taskDeleted((message) => message.title));
// @ts-expect-error a refusal has a status, not a code
void (() => api.on.taskDeleted(() => {}, { onError: (error) => error.code }));
await api.task.create({ title: "Heard" });
await api.task.delete({ id: "t1" });
stop();
stopAny();
await api.task.create({ title: "Unheard" });
setTimeout(() => void api.task.create({ title: "Iterated" }), 5);
for await (const created of api.on.taskCreated) {
  must<Equal<typeof created, Payload<AcmeTodo.Task>>>();
  seen.push(`for-await ${title(created)}`);
  break;
}

// config as data, with literal types
must<Equal<(typeof acme__todo.enums.TaskStatus)[number], AcmeTodo.TaskStatus>>();
must<Equal<(typeof acme__todo.data.task.operations.create.channels)[number]["channelKey"], "taskCreated">>();
must<Equal<Parameters<typeof acme__todo.data.task.operations.update.target>[0], { id: string }>>();
must<Equal<typeof acme__todo.data.task.operations.getAll.target, "/acme__todo/task">>();
must<Equal<Contracts["acme__billing.billing@1"]["provider"], "acme__billing">>();

equal(seen, ["on Heard", "any taskCreated Heard", "any taskDeleted t1", "for-await Iterated"]);
equal(listeners.size, 0);
equal(log, [
  'POST https://example.test/acme__todo/task {"title":"Ship it","tags":["a"]}',
  "GET https://example.test/acme__todo/task?status=open&tag=x&tag=y&limit=10",
  "GET https://example.test/acme__todo/task",
  'PATCH https://example.test/acme__todo/task/a%2Fb {"due":null,"version":1}',
  "DELETE https://example.test/acme__todo/task/t1",
  "GET https://example.test/acme__todo/task/t1",
  "GET https://example.test/acme__todo/task",
  "GET https://example.test/acme__billing/invoice",
  "GET https://example.test/acme__todo/task/missing",
  "safe 404 no such task",
  'POST https://example.test/acme__todo/task {"title":"Too many"}',
  "quota 3 of 3",
  "GET https://example.test/acme__todo/task/missing",
  "acme__todo.task.get: GET https://example.test/acme__todo/task/missing: 404 no such task",
  "GET https://example.test/acme__todo/task?status=open",
  '["acme__todo","task","getAll",{"status":"open"}]',
  "Write",
  "https://example.test/acme__todo/task/%C3%BC%2F1",
  'POST https://example.test/acme__todo/task {"title":"Heard"}',
  "DELETE https://example.test/acme__todo/task/t1",
  'POST https://example.test/acme__todo/task {"title":"Unheard"}',
  'POST https://example.test/acme__todo/task {"title":"Iterated"}',
]);
console.log("all claims hold");
