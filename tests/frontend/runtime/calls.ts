// The requests of calls, and how their responses are read.
import { ApiError, acme__billing, acme__odd, acme__todo, createApi, createCalls } from "./generated-config";
import type { ApiOptions, Stale } from "./generated-config";
import { server } from "./fakes";
import type { Sent } from "./fakes";
import { equal, run, test, thrown, logged } from "./harness";

const client = (answer?: (sent: Sent) => Response | Promise<Response>, options: ApiOptions = {}) => {
  const { sent, fetch } = server(answer);
  const api = createApi({ acme__todo, acme__odd, acme__billing }, { transport: { fetch }, ...options });
  return { sent, api, todo: api.acme__todo, odd: api.acme__odd };
};
const problem = (status: number, more: object = {}): Response =>
  new Response(JSON.stringify({ type: "urn:x", title: "No", status, detail: "not so", requestId: "r1", ...more }), { status, headers: { "content-type": "application/problem+json" } });

// ── requests

test("a path parameter is encoded", async () => {
  const { sent, todo } = client();
  await todo.task.get({ id: "a/b ü?#%" });
  equal([sent[0]?.method, sent[0]?.url], ["GET", "/acme__todo/task/a%2Fb%20%C3%BC%3F%23%25"]);
});
test("a path parameter that would change the path is refused", async () => {
  const { sent, todo } = client();
  for (const id of ["..", ".", ""]) equal(/is another path/.test((await thrown(() => todo.task.delete({ id }))).message), true);
  equal(sent.length, 0);
});
test("a path parameter that only contains dots is accepted", () => {
  equal(client().todo.task.get.url({ id: "..a" }), "/acme__todo/task/..a");
});
test("a query has an entry for each item of a list, and none for an undefined value", async () => {
  const { sent, todo } = client();
  await todo.task.getAll({ tag: ["a b", "&=ü"], limit: 5, cursor: undefined as never });
  equal(sent[0]?.url, "/acme__todo/task?tag=a+b&tag=%26%3D%C3%BC&limit=5");
});
test("an empty query adds no question mark", async () => {
  const { sent, todo } = client();
  await todo.task.getAll({});
  await todo.task.getAll();
  equal(sent.map((request) => request.url), ["/acme__todo/task", "/acme__todo/task"]);
});
test("a query parameter may have the name of an object's own property", () => {
  const query = JSON.parse('{"__proto__": "1", "constructor": "2"}') as object;
  equal(client().todo.task.getAll.url(query), "/acme__todo/task?__proto__=1&constructor=2");
});
test("an undefined argument before the options is not taken for the options", async () => {
  const { sent, todo } = client();
  const { signal } = new AbortController();
  await todo.task.getAll(undefined, { signal, headers: { "x-a": "1" } });
  equal([sent[0]?.url, sent[0]?.headers, sent[0]?.init.signal === signal], ["/acme__todo/task", { "x-a": "1" }, true]);
});
test("a body is JSON", async () => {
  const { sent, todo } = client();
  await todo.task.update({ id: "1" }, { dueAt: null });
  equal([sent[0]?.method, sent[0]?.headers, sent[0]?.body], ["PATCH", { "content-type": "application/json" }, '{"dueAt":null}']);
});
test("a call without a body has no content type", async () => {
  const { sent, todo } = client();
  await todo.task.delete({ id: "1" });
  equal([sent[0]?.method, sent[0]?.headers, sent[0]?.body], ["DELETE", {}, undefined]);
});
test("headers come from the client, the arguments and the call's options; the last wins, ignoring case", async () => {
  const { sent, odd } = client(undefined, { headers: async () => ({ Authorization: "Bearer 1", "X-B": "all" }) });
  await odd.header.getAll({ "x-wanted": 7 }, { headers: { authorization: "Bearer 2" } });
  equal(sent[0]?.headers, { authorization: "Bearer 2", "x-b": "all", "x-wanted": "7" });
});
test("credentials are passed on", async () => {
  const { sent, todo } = client(undefined, { credentials: "include" });
  await todo.task.getAll();
  equal(sent[0]?.init.credentials, "include");
});
test("baseUrl is prepended, with or without a trailing slash", async () => {
  for (const baseUrl of ["https://x.test/api", "https://x.test/api/"]) equal(client(undefined, { baseUrl }).todo.task.getAll.url(), "https://x.test/api/acme__todo/task");
});
test("a form is urlencoded", async () => {
  const { sent, odd } = client();
  await odd.form.create({ title: "a b", tags: ["x", "y"] });
  equal([sent[0]?.body instanceof URLSearchParams, String(sent[0]?.body), sent[0]?.headers], [true, "title=a+b&tags=x&tags=y", {}]);
});
test("an upload is multipart, file by file", async () => {
  const { sent, odd } = client();
  await odd.upload.create({ title: "t", files: [new Blob(["1"]), new File(["22"], "b.txt")] });
  const body = sent[0]?.body as FormData;
  equal([body.get("title"), body.getAll("files").map((file) => [(file as File).name, (file as File).size]), sent[0]?.headers], ["t", [["blob", 1], ["b.txt", 2]], {}]);
});
test("a raw body is sent unchanged", async () => {
  const { sent, odd } = client();
  const blob = new Blob(["x"]);
  await odd.raw.create(blob);
  await odd.raw.create("text");
  equal([sent[0]?.body === blob, sent[1]?.body, sent[1]?.headers], [true, "text", {}]);
});

// ── CSRF cookies

const withCookie = async (cookie: string, body: () => Promise<unknown>): Promise<void> => {
  Object.assign(globalThis, { document: { cookie } });
  try {
    await body();
  } finally {
    Reflect.deleteProperty(globalThis, "document");
  }
};
const csrf = { cookie: "token", header: "X-CSRF-Token" };
test("the csrf cookie is sent as a header with unsafe methods only", () =>
  withCookie("nottoken=0; token=a=b; other=1", async () => {
    const { sent, todo } = client(undefined, { csrf });
    await todo.task.delete({ id: "1" });
    await todo.task.getAll();
    equal(sent.map((request) => request.headers["x-csrf-token"]), ["a=b", undefined]);
  }));
test("without the csrf cookie there is no header", () =>
  withCookie("nottoken=1", async () => {
    const { sent, todo } = client(undefined, { csrf });
    await todo.task.delete({ id: "1" });
    equal(sent[0]?.headers, {});
  }));
test("csrf without a document, as in server-side rendering, does nothing", async () => {
  const { sent, todo } = client(undefined, { csrf });
  await todo.task.delete({ id: "1" });
  equal(sent[0]?.headers, {});
});

// ── responses

test("204 is undefined", async () => {
  const { todo } = client(() => new Response(null, { status: 204 }));
  equal((await todo.task.deleteHard({ id: "1" })) as unknown, undefined);
});
test("a null response is null", async () => {
  equal(await client(() => Response.json(null)).todo.task.get({ id: "1" }), null);
});
test("text stays text, even if it could be JSON", async () => {
  equal(await client(() => new Response("42")).odd.plain.getAll(), "42");
});
test("a file is a Blob", async () => {
  const blob = await client(() => new Response("12345")).odd.download.getAll();
  equal([blob instanceof Blob, await blob.text()], [true, "12345"]);
});
test("a stream comes piece by piece", async () => {
  const stream = await client(() => new Response("12345")).odd.stream.getAll();
  equal(await new Response(stream).text(), "12345");
});
test("the error for a success that is not JSON names operation, URL and content", async () => {
  const error = await thrown(() => client(() => new Response("<!doctype html>…")).todo.task.get({ id: "7" }));
  equal(error.message, "acme__todo.task.get: GET /acme__todo/task/7: 200 not JSON: <!doctype html>…");
});

// ── errors

test("an error has the problem, the operation and a message with both", async () => {
  const error = await thrown(() => client(() => problem(404)).todo.task.get({ id: "7" }));
  equal(error instanceof ApiError && [error.name, error.problem.status, error.problem.requestId, error.operation === acme__todo.data.task.operations.get], ["ApiError", 404, "r1", true]);
  equal(error.message, "acme__todo.task.get: GET /acme__todo/task/7: 404 not so");
});
test("a proxy's HTML page is an ApiError with the status of the response", async () => {
  const page = () => new Response("<h1>Bad Gateway</h1>", { status: 502, statusText: "Bad Gateway", headers: { "content-type": "text/html" } });
  const error = await thrown(() => client(page).todo.task.getAll());
  equal(error instanceof ApiError && error.problem, { type: "about:blank", title: "Bad Gateway", detail: "<h1>Bad Gateway</h1>", requestId: "", status: 502 });
});
test("an error with invalid JSON is an ApiError", async () => {
  const error = await thrown(() => client(() => new Response("{", { status: 500, headers: { "content-type": "application/json" } })).todo.task.getAll());
  equal(error instanceof ApiError && [error.problem.status, error.problem.detail], [500, "{"]);
});
test("the status of the response is used, not the one in the body", async () => {
  const error = await thrown(() => client(() => problem(503, { status: 404 })).todo.task.get({ id: "1" }));
  equal(error instanceof ApiError && error.problem.status, 503);
});
test("safe returns the response", async () => {
  equal(await client(() => Response.json(1)).todo.task.getAll.safe(), { ok: true, data: 1 });
});
test("safe returns an error that the route declares", async () => {
  const result = await client(() => problem(402, { extra: { quota: 1 } })).todo.task.create.safe({ title: "x" });
  equal(!result.ok && [result.error.status, result.error.extra], [402, { quota: 1 }]);
});
test("safe rejects on an error that the route does not declare", async () => {
  const error = await thrown(() => client(() => problem(500)).todo.task.create.safe({ title: "x" }));
  equal(error instanceof ApiError && error.problem.status, 500);
});
test("safe rejects if the route declares no errors", async () => {
  const error = await thrown(() => client(() => problem(404)).todo.task.deleteHard.safe({ id: "x" }));
  equal(error instanceof ApiError && error.problem.status, 404);
});
test("safe and the call reject if the network fails", async () => {
  const { todo } = client(() => Promise.reject(new TypeError("no route to host")));
  equal((await thrown(() => todo.task.get.safe({ id: "1" }))).message, "no route to host");
  equal((await thrown(() => todo.task.get({ id: "1" }))).message, "no route to host");
});
test("an abort reaches fetch, and its error is returned", async () => {
  const { todo } = client(({ init }) => new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(init.signal?.reason as Error))));
  const controller = new AbortController();
  const call = thrown(() => todo.task.get({ id: "1" }, { signal: controller.signal }));
  setTimeout(() => controller.abort(new Error("no more")));
  equal((await call).message, "no more");
});

// ── caches

test("a key contains plugin, entity, operation and arguments", () => {
  equal(client().todo.task.getAll.key({ status: "open" }), ["acme__todo", "task", "getAll", { status: "open" }]);
});
test("a key is the same each time", () => {
  const { todo } = client();
  equal(JSON.stringify(todo.task.getAll.key({ limit: 1 })), JSON.stringify(todo.task.getAll.query({ limit: 1 }).queryKey));
});
test("of a cache's context only the signal reaches fetch", async () => {
  const { sent, todo } = client();
  const { signal } = new AbortController();
  await todo.task.getAll.query().queryFn({ signal, headers: { "x-a": "1" }, meta: 1 } as never);
  await todo.task.get.query({ id: "1" }).queryFn();
  equal([sent[0]?.init.signal === signal, sent[0]?.headers, sent[1]?.url], [true, {}, "/acme__todo/task/1"]);
});

// ── a frontend that was built for another backend

const answering = (schema: string | undefined) => () => Response.json({}, schema === undefined ? {} : { headers: { "x-schema": schema } });
const drift = async (schema: string | undefined): Promise<Stale[]> => {
  const stale: Stale[] = [];
  const { todo } = client(answering(schema), { onStale: (report) => stale.push(report) });
  await todo.task.getAll();
  await todo.task.getAll();
  return stale;
};
test("a different digest of the plugin is reported once", async () => {
  equal(await drift("sha256-0, acme__todo=sha256-1"), [{ plugin: "acme__todo", expected: acme__todo.schema, actual: "sha256-1" }]);
});
test("the same digest is not reported", async () => {
  equal(await drift(`sha256-0, acme__todo=${acme__todo.schema}`), []);
});
test("a missing digest is not reported", async () => {
  equal(await drift(undefined), []);
});
test("the drift of another plugin is not reported", async () => {
  equal(await drift("sha256-0, acme__todo2=sha256-1, xacme__todo=sha256-2, acme__todo.child=sha256-3"), []);
});
test("a drift is also reported with an error response", async () => {
  const stale: Stale[] = [];
  const { todo } = client(() => new Response("{}", { status: 400, headers: { "x-schema": "0, acme__todo=1" } }), { onStale: (report) => stale.push(report) });
  await thrown(() => todo.task.getAll());
  equal(stale.length, 1);
});
test("each plugin is reported separately", async () => {
  const stale: Stale[] = [];
  const { api } = client(answering("0, acme__todo=1, acme__billing=2"), { onStale: (report) => stale.push(report) });
  await api.acme__todo.task.getAll();
  await api.acme__billing.invoice.getAll();
  equal(stale.map((report) => [report.plugin, report.actual]), [["acme__todo", "1"], ["acme__billing", "2"]]);
});
test("without onStale the drift is logged to the console", async () => {
  const { todo } = client(answering("0, acme__todo=1"));
  const lines = await logged("warn", () => todo.task.getAll());
  equal(lines, [["The backend has changed since this page was built:", { plugin: "acme__todo", expected: acme__todo.schema, actual: "1" }]]);
});

// ── the whole client

test("only the named plugins exist", () => {
  equal(Object.keys(createApi({ acme__todo })), ["acme__todo"]);
});
test("an entity has its operations, and an operation has its configuration", () => {
  const { todo } = client();
  equal(Object.keys(todo), ["task", "on"]);
  equal(todo.task.create.operation === acme__todo.data.task.operations.create, true);
});
test("createCalls creates no channels", async () => {
  const { sent, fetch } = server();
  const api = createCalls({ acme__todo }, { transport: { fetch }, baseUrl: "https://x.test" });
  await api.acme__todo.task.getAll();
  equal([Object.keys(api.acme__todo), sent[0]?.url], [["task"], "https://x.test/acme__todo/task"]);
});
test("nothing needs a location until a channel is listened to", async () => {
  const { todo } = client(undefined, { baseUrl: "https://x.test" });
  await todo.task.getAll();
  const { message } = await thrown(() => createApi({ acme__todo }).acme__todo.on.taskCreated(() => {}));
  equal(["Invalid URL", "WebSocket is not defined"].includes(message), true);
});

await run();
