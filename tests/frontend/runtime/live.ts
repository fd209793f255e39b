// The sample plugins on a real host. The line `restart` asks the parent process to kill the host and start it again.
import { acme__auth, acme__billing, acme__todo, ApiError, createApi } from "./generated-config";
import type { AcmeTodo, ApiOptions, ChannelRefused, Payload, Stale } from "./generated-config";
import { equal, run, test, thrown, until } from "./harness";

declare const process: { env: { [name: string]: string } };
declare global {
  var sockets: WebSocket[];
  var socketHeaders: { [name: string]: string } | undefined;
}

const stale: Stale[] = [];
const client = (options: ApiOptions = {}) => createApi({ acme__todo, acme__billing, acme__auth }, { baseUrl: process.env["HOST_URL"] ?? "", onStale: (report) => stale.push(report), ...options });
const { acme__todo: todo, acme__billing: billing, acme__auth: auth } = client();
const create = async (title: string): Promise<AcmeTodo.Task> => {
  const [task] = (await todo.task.create({ title })).body.items;
  if (!task) throw new Error("there is no task");
  return task;
};
const titles = ({ body }: Payload<AcmeTodo.Task>): string[] => body.items.map((item) => item.title);
const closed = (): Promise<void> => until(() => sockets.every((socket) => socket.readyState === 3), "the end of all sockets");

test("a task is created, read, changed, deleted and restored", async () => {
  const { id } = await create("Write / ü");
  equal(titles(await todo.task.get({ id })), ["Write / ü"]);
  equal(titles(await todo.task.getAll({ title: "write / ü" })), ["Write / ü"]);
  const changed = await todo.task.update({ id }, { title: "Written", status: "done", tags: ["a", "b"] });
  equal([titles(changed), changed.body.prevVersion?.title], [["Written"], "Write / ü"]);
  equal(titles(await todo.task.getAll({ tag: ["a", "b"], status: "done", limit: 1 })), ["Written"]);
  equal((await todo.task.delete({ id })).body.deleted, [id]);
  equal(titles(await todo.task.getAll({ deleted: true })), ["Written"]);
  equal(titles(await todo.task.restore({ id })), ["Written"]);
  await todo.task.deleteHard({ id });
});
test("404 is reported by the call and by safe", async () => {
  const id = "0190b5a0-0000-7000-8000-000000000000";
  const error = await thrown(() => todo.task.get({ id }));
  equal(error instanceof ApiError && [error.problem.status, error.problem.requestId.length > 8], [404, true]);
  const result = await todo.task.get.safe({ id });
  equal(!result.ok && result.error.status, 404);
});
test("validation errors are reported by field", async () => {
  const result = await todo.task.create.safe({ title: "" });
  equal(!result.ok && result.error.status === 400 && result.error.extra?.map(({ key }) => key), ["title"]);
});
test("a conflict is reported with 409", async () => {
  const { id, version } = await create("Twice");
  await todo.task.update({ id }, { title: "Once" });
  const result = await todo.task.update.safe({ id }, { title: "Late", version });
  equal(!result.ok && result.error.status, 409);
  await todo.task.deleteHard({ id });
});

// ── channels

test("a listener, for await and any receive the created task", async () => {
  const seen: unknown[] = [];
  let opened = 0;
  const stops = [
    todo.on.taskCreated((data) => seen.push(["on", ...titles(data)]), { onOpen: () => opened++ }),
    todo.on.any((event) => seen.push([event.channel, ...titles(event.data)]), { onOpen: () => opened++ }),
  ];
  const loop = (async () => {
    for await (const data of todo.on.taskCreated) return titles(data);
  })();
  await until(() => opened === 2, "two confirmations");
  const { id } = await create("Heard");
  await todo.task.delete({ id });
  await until(() => seen.length === 3, "three messages");
  equal([seen, await loop], [[["on", "Heard"], ["taskCreated", "Heard"], ["taskDeleted"]], ["Heard"]]);
  stops.forEach((stop) => stop());
  await closed();
  await todo.task.deleteHard({ id });
});
test("the last messages come first", async () => {
  const ids = [(await create("One")).id, (await create("Two")).id];
  const seen: string[] = [];
  const stop = todo.on.taskCreated((data) => seen.push(...titles(data)), { last: 2 });
  await until(() => seen.length === 2, "two messages");
  equal(seen, ["One", "Two"]);
  stop();
  await closed();
  for (const id of ids) await todo.task.deleteHard({ id });
});
test("after a restart of the host the channels are restored", async () => {
  const seen: string[] = [];
  let opened = 0;
  const stop = todo.on.taskCreated((data) => seen.push(...titles(data)), { last: 1, onOpen: () => opened++ });
  await until(() => opened === 1 && seen.length === 1, "the confirmation and the last message");
  seen.length = 0;
  console.log("restart");
  await until(() => opened === 2, "the confirmation after the restart", 40);
  const { id } = await create("Again");
  await until(() => seen.length > 0, "a message after the restart");
  equal(seen, ["Again"]);
  stop();
  await closed();
  await todo.task.deleteHard({ id });
});
const refusal = (start: (onError: (error: ChannelRefused) => void) => () => void): Promise<ChannelRefused> =>
  new Promise((resolve) => {
    const stop = start((error) => {
      stop();
      resolve(error);
    });
  });
test("a channel that requires a user is refused", async () => {
  const { status, channel } = await refusal((onError) => billing.on.quotaChanged(() => {}, { onError }));
  equal([status, channel], [401, "acme__billing--quotaChanged"]);
  await closed();
});
test("a channel that the backend does not have is refused", async () => {
  const newer = { ...acme__todo, channels: { ...acme__todo.channels, taskCreated: "acme__todo--taskMoved" } } as const;
  const { on } = createApi({ acme__todo: newer }, { baseUrl: process.env["HOST_URL"] ?? "" }).acme__todo;
  equal((await refusal((onError) => on.taskCreated(() => {}, { onError }))).status, 404);
  const error = await thrown(async () => {
    for await (const _ of on.taskCreated) throw new Error("nothing comes");
  });
  equal(error.message.startsWith("acme__todo--taskMoved: 404 "), true);
  await closed();
});

// ── users

const ada = { email: "ada@example.org", password: "correct horse battery" };
test("a forged token closes the channels with 4401, without a retry", async () => {
  globalThis.socketHeaders = { authorization: "Bearer forged" };
  const before = sockets.length;
  const error = await new Promise<ChannelRefused>((resolve) => void todo.on.taskCreated(() => {}, { onError: resolve }));
  equal([error.status, sockets.length - before], [401, 1]);
  globalThis.socketHeaders = undefined;
});
test("a program signs in, and sends its token in a header", async () => {
  await auth.register.create(ada);
  const refused = await auth.me.get.safe();
  equal(!refused.ok && refused.error.status, 401);
  const { token } = await auth.login.create(ada);
  const me = await client({ headers: async () => ({ Authorization: `Bearer ${token}` }) }).acme__auth.me.get();
  equal(me.body.items[0]?.email, ada.email);
});
test("a page signs in by cookie, and calls that change something send the csrf header", async () => {
  const jar = new Map<string, string>();
  const page = client({
    csrf: { cookie: "acme_auth_csrf", header: "X-CSRF-Token" },
    transport: {
      async fetch(url, init) {
        const headers = new Headers(init.headers);
        headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
        const response = await fetch(url, { ...init, headers });
        for (const line of response.headers.getSetCookie()) {
          const [name = "", value = ""] = (line.split(";")[0] ?? "").split(/=(.*)/s);
          jar.set(name, value);
        }
        return response;
      },
    },
  }).acme__auth;
  await page.login.create(ada);
  equal((await page.me.get()).body.items[0]?.email, ada.email);
  const forged = await page.logout.create.safe();
  equal(!forged.ok && forged.error.status, 403);
  Object.assign(globalThis, { document: { cookie: `acme_auth_csrf=${jar.get("acme_auth_csrf")}` } });
  equal((await page.logout.create()) as unknown, undefined);
  Reflect.deleteProperty(globalThis, "document");
});

// ── the quota, last because it stays used up

test("402 is distinguished by its type", async () => {
  for (;;) {
    const result = await todo.task.create.safe({ title: "More" });
    if (result.ok) continue;
    equal(result.error.status === 402 && [result.error.extra?.plan, result.error.extra?.limit], ["free", 6]);
    return;
  }
});
test("the frontend matches its backend", () => equal(stale, []));
test("a frontend for another backend is reported as stale by the host", async () => {
  const reports: Stale[] = [];
  const older = { ...acme__todo, schema: "sha256-older" };
  const api = createApi({ acme__todo: older }, { baseUrl: process.env["HOST_URL"] ?? "", onStale: (report) => reports.push(report) });
  await api.acme__todo.task.getAll();
  await api.acme__todo.task.getAll();
  equal(reports, [{ plugin: "acme__todo", expected: "sha256-older", actual: acme__todo.schema }]);
});

await run();
