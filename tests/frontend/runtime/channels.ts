// Channels over a WebSocket whose server side is simulated by the cases.
import { acme__billing, acme__odd, acme__todo, createApi } from "./generated-config";
import type { ApiOptions } from "./generated-config";
import { FakeSocket, faked } from "./fakes";
import type { Clock } from "./fakes";
import { equal, run, settle, test, thrown, logged } from "./harness";

const client = (options: ApiOptions = {}) => createApi({ acme__todo, acme__billing, acme__odd }, { baseUrl: "https://x.test", ...options });
const wire = (key: string): string => `acme__todo--${key}`;
const confirmed = (key: string) => ({ subscribed: wire(key) });
const message = (key: string, data: unknown) => ({ channel: wire(key), data });
const frame = (key: string, last?: number) => ({ subscribe: wire(key), ack: true, ...(last !== undefined && { last }) });
const on = (options?: ApiOptions) => client(options).acme__todo.on;

const fake = (name: string, body: (clock: Clock) => void | Promise<void>): void => test(name, () => faked(body));

// ── listening

fake("nothing connects before the first listener", () => {
  on();
  equal(FakeSocket.all.length, 0);
});
fake("a listener receives only the data of its channel", () => {
  const seen: unknown[] = [];
  on().taskCreated((data) => seen.push(data));
  FakeSocket.last.open().say(confirmed("taskCreated"), message("taskCreated", 1), message("taskUpdated", 2), message("taskCreated", 3));
  equal([FakeSocket.last.sent, seen], [[frame("taskCreated")], [1, 3]]);
});
fake("two listeners on one channel subscribe once, and both receive messages", () => {
  const seen: unknown[] = [];
  const { taskCreated } = on();
  taskCreated((data) => seen.push(["a", data]));
  taskCreated((data) => seen.push(["b", data]));
  FakeSocket.last.open().say(message("taskCreated", 1));
  equal([FakeSocket.last.sent, seen], [[frame("taskCreated")], [["a", 1], ["b", 1]]]);
});
fake("if one of two listeners leaves, the other still receives messages", async () => {
  const seen: unknown[] = [];
  const { taskCreated } = on();
  const stop = taskCreated(() => seen.push("a"));
  taskCreated(() => seen.push("b"));
  FakeSocket.last.open();
  stop();
  stop();
  await settle();
  FakeSocket.last.say(message("taskCreated", 1));
  equal([FakeSocket.last.sent, seen, FakeSocket.last.readyState], [[frame("taskCreated")], ["b"], 1]);
});
fake("all plugins share one socket", () => {
  const api = client();
  api.acme__todo.on.taskCreated(() => {});
  api.acme__billing.on.invoicePaid(() => {});
  equal([FakeSocket.all.length, FakeSocket.last.open().asked], [1, ["acme__todo--taskCreated", "acme__billing--invoicePaid"]]);
});
fake("two apis in one page each have their socket", async () => {
  const stop = on().taskCreated(() => {});
  on().taskCreated(() => {});
  stop();
  await settle();
  equal(FakeSocket.all.map((socket) => socket.readyState), [3, 0]);
});
fake("leaving a channel unsubscribes, leaving the last channel closes", async () => {
  const { taskCreated, taskUpdated } = on();
  const stops = [taskCreated(() => {}), taskUpdated(() => {})];
  const socket = FakeSocket.last.open();
  stops[0]?.();
  await settle();
  equal([socket.sent.at(-1), socket.readyState], [{ unsubscribe: wire("taskCreated") }, 1]);
  stops[1]?.();
  await settle();
  equal(socket.readyState, 3);
});
fake("no timer is left without listeners", async (clock) => {
  const stop = on().taskCreated(() => {});
  FakeSocket.last.open().say(confirmed("taskCreated"));
  stop();
  await settle();
  equal(clock.timers.size, 0);
});
fake("no reconnect after the last listener left while the server was down", async (clock) => {
  const stop = on().taskCreated(() => {});
  FakeSocket.last.open().drop();
  stop();
  await settle();
  clock.pass(100_000);
  equal(FakeSocket.all.length, 1);
});
fake("stopping and listening again at once keeps the socket", async () => {
  const { taskCreated } = on();
  taskCreated(() => {})();
  taskCreated(() => {});
  await settle();
  equal([FakeSocket.all.length, FakeSocket.last.open().asked], [1, [wire("taskCreated")]]);
});
fake("stopping and listening again on an open socket subscribes again", async () => {
  const { taskCreated } = on();
  const stop = taskCreated(() => {});
  const socket = FakeSocket.last.open().say(confirmed("taskCreated"));
  stop();
  taskCreated(() => {});
  await settle();
  equal(socket.sent, [frame("taskCreated"), { unsubscribe: wire("taskCreated") }, frame("taskCreated")]);
});
fake("stopping and listening again later opens another socket", async () => {
  const { taskCreated } = on();
  taskCreated(() => {})();
  await settle();
  taskCreated(() => {});
  equal(FakeSocket.all.map((socket) => socket.readyState), [3, 0]);
});

// ── listeners that stop or add others

fake("a listener may stop itself", () => {
  const seen: unknown[] = [];
  const stop = on().taskCreated((data) => {
    seen.push(data);
    stop();
  });
  FakeSocket.last.open().say(message("taskCreated", 1), message("taskCreated", 2));
  equal(seen, [1]);
});
fake("a listener that another listener stops does not receive the same message", () => {
  const seen: unknown[] = [];
  const { taskCreated } = on();
  taskCreated(() => stop());
  const stop = taskCreated(() => seen.push("stopped"));
  FakeSocket.last.open().say(message("taskCreated", 1));
  equal(seen, []);
});
fake("a listener that another listener adds receives messages from the next one on", () => {
  const seen: unknown[] = [];
  const { taskCreated } = on();
  const stop = taskCreated(() => {
    stop();
    taskCreated((data) => seen.push(data));
  });
  FakeSocket.last.open().say(message("taskCreated", 1), message("taskCreated", 2));
  equal(seen, [2]);
});
fake("an error in a listener is logged and does not stop other listeners", async () => {
  const seen: unknown[] = [];
  const { taskCreated } = on();
  taskCreated(() => {
    throw new Error("mine");
  });
  taskCreated((data) => seen.push(data));
  const lines = await logged("error", () => FakeSocket.last.open().say(message("taskCreated", 1)));
  equal([seen, lines.map(([error]) => (error as Error).message)], [[1], ["mine"]]);
});
fake("garbage is ignored", () => {
  const seen: unknown[] = [];
  on().taskCreated((data) => seen.push(data));
  FakeSocket.last.open().say("<html>", "null", "7", '"text"', "[]", {}, { channel: 5 }, { heartbeat: 25 }, { pong: 1 }, { subscribed: "x--y" }, message("taskCreated", 1));
  equal(seen, [1]);
});

// ── onOpen and last

fake("onOpen is called when the server confirms", () => {
  let opened = 0;
  on().taskCreated(() => {}, { onOpen: () => opened++ });
  FakeSocket.last.open();
  equal(opened, 0);
  FakeSocket.last.say(confirmed("taskUpdated"));
  equal(opened, 0);
  FakeSocket.last.say(confirmed("taskCreated"));
  equal(opened, 1);
});
fake("onOpen of a second listener is called although the server does not confirm again", async () => {
  const opened: string[] = [];
  const { taskCreated } = on();
  taskCreated(() => {}, { onOpen: () => opened.push("a") });
  await settle();
  FakeSocket.last.open().say(confirmed("taskCreated"));
  taskCreated(() => {}, { onOpen: () => opened.push("b") });
  equal(opened, ["a"]);
  await settle();
  equal(opened, ["a", "b"]);
});
fake("onOpen is not called for a listener that has left", async () => {
  const opened: string[] = [];
  const { taskCreated } = on();
  taskCreated(() => {});
  FakeSocket.last.open().say(confirmed("taskCreated"));
  taskCreated(() => {}, { onOpen: () => opened.push("b") })();
  await settle();
  equal(opened, []);
});
fake("last is sent, even if the socket is not open yet", () => {
  const { taskCreated, taskUpdated } = on();
  taskCreated(() => {}, { last: 3 });
  taskUpdated(() => {}, { last: 4 });
  equal(FakeSocket.last.open().sent, [frame("taskCreated", 3), frame("taskUpdated", 4)]);
});
fake("after a reconnect last is not sent again", (clock) => {
  on().taskCreated(() => {}, { last: 3 });
  FakeSocket.last.open().say(confirmed("taskCreated")).drop();
  clock.pass(60_000);
  equal(FakeSocket.last.open().sent, [frame("taskCreated")]);
});
fake("last is sent again if it was not confirmed", (clock) => {
  on().taskCreated(() => {}, { last: 3 });
  FakeSocket.last.open().drop();
  clock.pass(60_000);
  equal(FakeSocket.last.open().sent, [frame("taskCreated", 3)]);
});
fake("the options of the page are not changed", () => {
  const options = { last: 3 };
  on().taskCreated(() => {}, options);
  FakeSocket.last.open().say(confirmed("taskCreated"));
  equal(options, { last: 3 });
});

// ── connections that are lost

fake("a lost connection is restored with all channels, and onOpen is called again", (clock) => {
  let opened = 0;
  const seen: unknown[] = [];
  const { taskCreated, taskUpdated } = on();
  taskCreated((data) => seen.push(data), { onOpen: () => opened++ });
  taskUpdated(() => {});
  FakeSocket.last.open().say(confirmed("taskCreated")).drop();
  clock.pass(500);
  equal(FakeSocket.all.length, 2);
  FakeSocket.last.open().say(confirmed("taskCreated"), message("taskCreated", 1));
  equal([FakeSocket.last.asked, opened, seen], [[wire("taskCreated"), wire("taskUpdated")], 2, [1]]);
});
fake("onClose is called once for each loss after onOpen", (clock) => {
  const seen: string[] = [];
  on().any(() => {}, { onOpen: () => seen.push("open"), onClose: () => seen.push("close") });
  FakeSocket.last.drop();
  clock.pass(1000);
  FakeSocket.last.open().say(...ALL.map(confirmed)).drop();
  clock.pass(2000);
  FakeSocket.last.drop();
  equal(seen, ["open", "close"]);
});
fake("onClose is not called if onOpen was not", () => {
  const seen: string[] = [];
  on().any(() => {}, { onOpen: () => seen.push("open"), onClose: () => seen.push("close") });
  FakeSocket.last.open().say(...ALL.slice(1).map(confirmed)).drop();
  equal(seen, []);
});
fake("onClose is not called when the page itself leaves", async () => {
  const seen: string[] = [];
  const stop = on().taskCreated(() => {}, { onClose: () => seen.push("close") });
  FakeSocket.last.open().say(confirmed("taskCreated"));
  stop();
  await settle();
  FakeSocket.last.drop(1005);
  equal(seen, []);
});
fake("the delay between attempts grows to at most 4 s and is reset after a success", (clock) => {
  on().taskCreated(() => {});
  const waits: number[] = [];
  for (let turn = 0; turn < 9; turn++) {
    const before = clock.now;
    FakeSocket.last.drop();
    const count = FakeSocket.all.length;
    while (FakeSocket.all.length === count) clock.pass(100);
    waits.push(clock.now - before);
  }
  equal(waits, [500, 1000, 2000, 4000, 4000, 4000, 4000, 4000, 4000]);
  FakeSocket.last.open().say(confirmed("taskCreated")).drop();
  const count = FakeSocket.all.length;
  clock.pass(500);
  equal(FakeSocket.all.length, count + 1);
});
fake("attempts are spread randomly", (clock) => {
  Math.random = () => 0.1;
  on().taskCreated(() => {});
  FakeSocket.last.drop();
  clock.pass(50);
  equal(FakeSocket.all.length, 2);
});
fake("listening while the server is down tries immediately, and once", (clock) => {
  const { taskCreated, taskUpdated } = on();
  taskCreated(() => {});
  FakeSocket.last.open().drop();
  taskUpdated(() => {});
  equal(FakeSocket.all.length, 2);
  clock.pass(20_000);
  equal(FakeSocket.all.length, 2);
});
fake("a silent connection is pinged, and abandoned without a response", (clock) => {
  on().taskCreated(() => {});
  const dead = FakeSocket.last.open().say(confirmed("taskCreated"));
  clock.pass(30_000);
  equal([dead.sent.at(-1), dead.readyState], [{ ping: 1 }, 1]);
  clock.pass(10_500);
  equal([dead.readyState, FakeSocket.all.length], [3, 2]);
});
fake("a connection that answers the ping is kept", (clock) => {
  on().taskCreated(() => {});
  const socket = FakeSocket.last.open();
  for (let turn = 0; turn < 5; turn++) {
    clock.pass(35_000);
    socket.say({ pong: 1 });
  }
  equal([socket.readyState, FakeSocket.all.length], [1, 1]);
});
fake("heartbeats make the ping unnecessary", (clock) => {
  on().taskCreated(() => {});
  const socket = FakeSocket.last.open();
  for (let turn = 0; turn < 5; turn++) {
    clock.pass(25_000);
    socket.say({ heartbeat: 25 });
  }
  equal(socket.sent, [frame("taskCreated")]);
});
fake("a connection that never opens is retried", (clock) => {
  on().taskCreated(() => {});
  clock.pass(41_000);
  equal(FakeSocket.all.length, 2);
});
fake("messages of an abandoned socket are ignored", (clock) => {
  const seen: unknown[] = [];
  on().taskCreated((data) => seen.push(data));
  const old = FakeSocket.last.open();
  clock.pass(41_000);
  old.say(message("taskCreated", 1));
  old.drop();
  equal([seen, FakeSocket.all.length], [[], 2]);
});

// ── refusals

const refusal = (key: string, status: number) => ({ error: "no", channel: wire(key), status });
fake("a refusal is reported to the channel's listeners, and the others still receive messages", () => {
  const seen: unknown[] = [];
  const { taskCreated, taskUpdated } = on();
  taskCreated(() => {}, { onError: ({ channel, status, message: text }) => seen.push([channel, status, text]) });
  taskUpdated((data) => seen.push(data));
  FakeSocket.last.open().say(refusal("taskCreated", 403), message("taskUpdated", 1));
  equal(seen, [[wire("taskCreated"), 403, "acme__todo--taskCreated: 403 no"], 1]);
});
fake("without onError a refusal is logged to the console", async () => {
  on().taskCreated(() => {});
  const lines = await logged("error", () => FakeSocket.last.open().say(refusal("taskCreated", 404)));
  equal(lines.map(([error]) => (error as Error).message), ["acme__todo--taskCreated: 404 no"]);
});
fake("a later listener to a refused channel also gets the refusal", () => {
  const seen: unknown[] = [];
  const { taskCreated } = on();
  taskCreated(() => {}, { onError: () => seen.push("a") });
  FakeSocket.last.open().say(refusal("taskCreated", 403));
  taskCreated(() => {}, { onError: () => seen.push("b") });
  equal(FakeSocket.last.asked.length, 2);
  FakeSocket.last.say(refusal("taskCreated", 403));
  equal(seen, ["a", "a", "b"]);
});
fake("a close with 4401 is reported to all listeners and not retried", (clock) => {
  const seen: unknown[] = [];
  const { taskCreated, taskUpdated } = on();
  taskCreated(() => {}, { onError: ({ status, message: text }) => seen.push([status, text]) });
  taskUpdated(() => {}, { onError: ({ status }) => seen.push(status) });
  FakeSocket.last.open().say(confirmed("taskCreated")).drop(4401, "expired");
  clock.pass(100_000);
  equal([seen, FakeSocket.all.length, clock.timers.size], [[[401, "acme__todo--taskCreated: 401 expired"], 401], 1, 0]);
});
fake("after 4401 a new listener reconnects, and all listeners receive messages", () => {
  const seen: unknown[] = [];
  const { taskCreated, taskUpdated } = on();
  taskCreated((data) => seen.push(data), { onError: () => {} });
  FakeSocket.last.open().drop(4401);
  taskUpdated(() => {});
  equal(FakeSocket.last.open().asked, [wire("taskCreated"), wire("taskUpdated")]);
  FakeSocket.last.say(message("taskCreated", 1));
  equal(seen, [1]);
});
fake("listening again in onError does not report the same refusal", () => {
  const seen: unknown[] = [];
  const { taskCreated } = on();
  const stop = taskCreated(() => {}, {
    onError() {
      stop();
      taskCreated(() => {}, { onError: () => seen.push("again") });
    },
  });
  FakeSocket.last.open().drop(4401);
  equal([seen, FakeSocket.all.length, FakeSocket.last.open().asked], [[], 2, [wire("taskCreated")]]);
});
fake("listening to any again in onError does not report the same refusal", () => {
  let refusals = 0;
  const { any } = on();
  const listen = (): void => {
    const stop = any(() => {}, {
      onError() {
        refusals++;
        stop();
        listen();
      },
    });
  };
  listen();
  FakeSocket.last.open().drop(4401);
  equal([refusals, FakeSocket.all.length], [1, 2]);
});
fake("a listener that is added while the connection is being refused also gets the refusal", () => {
  const seen: unknown[] = [];
  const { taskCreated, taskUpdated } = on();
  taskCreated(() => {}, { onError: () => seen.push("a") });
  const socket = FakeSocket.last.open();
  socket.readyState = 2;
  taskUpdated(() => {}, { onError: () => seen.push("b") });
  socket.drop(4401);
  equal(seen, ["a", "b"]);
});
for (const code of [1001, 1011, 1013, 4500])
  fake(`a close with ${code} is tried again`, (clock) => {
    on().taskCreated(() => {});
    FakeSocket.last.open().drop(code);
    clock.pass(500);
    equal(FakeSocket.all.length, 2);
  });

// ── all channels of a plugin

const ALL = ["commented", "taskCreated", "taskDeleted", "taskUpdated"];
fake("any distinguishes the events of all channels", () => {
  const seen: unknown[] = [];
  on().any((event) => seen.push(event));
  FakeSocket.last.open().say(message("taskCreated", 1), message("commented", 2));
  equal([FakeSocket.last.asked, seen], [ALL.map(wire), [{ channel: "taskCreated", data: 1 }, { channel: "commented", data: 2 }]]);
});
fake("onOpen of any is called once all channels are confirmed, and once after a reconnect", (clock) => {
  let opened = 0;
  const { any, taskUpdated } = on();
  taskUpdated(() => {});
  any(() => {}, { onOpen: () => opened++ });
  FakeSocket.last.open().say(...ALL.slice(1).map(confirmed));
  equal(opened, 0);
  FakeSocket.last.say(confirmed("commented"));
  equal(opened, 1);
  FakeSocket.last.drop();
  clock.pass(500);
  FakeSocket.last.open().say(...ALL.slice(1).map(confirmed));
  equal(opened, 1);
  FakeSocket.last.say(confirmed("commented"));
  equal(opened, 2);
});
fake("onOpen of any is called if some channels are refused, in any order of replies", () => {
  for (const order of [ALL, [...ALL].reverse()]) {
    const seen: string[] = [];
    on().any(() => {}, { onOpen: () => seen.push("open"), onError: ({ channel }) => seen.push(channel) });
    FakeSocket.last.open().say(...order.map((key) => (key === "commented" ? refusal(key, 403) : confirmed(key))));
    equal(seen.toSorted(), [wire("commented"), "open"]);
  }
});
fake("onOpen of any is not called if all channels are refused", () => {
  const seen: string[] = [];
  on().any(() => {}, { onOpen: () => seen.push("open"), onError: () => seen.push("no") });
  FakeSocket.last.open().say(...ALL.map((key) => refusal(key, 403)));
  equal(seen, ["no", "no", "no", "no"]);
});
fake("leaving any unsubscribes from channels without other listeners", async () => {
  const { any, taskUpdated } = on();
  taskUpdated(() => {});
  const stop = any(() => {});
  const socket = FakeSocket.last.open();
  stop();
  await settle();
  equal(socket.sent.slice(4), ["commented", "taskCreated", "taskDeleted"].map((key) => ({ unsubscribe: wire(key) })));
});

fake("any of a plugin without channels does not connect", () => {
  createApi({ acme__todo: { ...acme__todo, channels: {} } }, { baseUrl: "https://x.test" }).acme__todo.on.any(() => {});
  equal(FakeSocket.all.length, 0);
});

// ── for await

fake("for await yields messages in order, including those that arrived while the page was busy", async () => {
  const seen: unknown[] = [];
  const { taskCreated } = on();
  const loop = (async () => {
    for await (const data of taskCreated) {
      seen.push(data);
      if (seen.length === 3) break;
    }
  })();
  FakeSocket.last.open().say(message("taskCreated", 1), message("taskCreated", 2));
  await settle();
  FakeSocket.last.say(message("taskCreated", 3));
  await loop;
  await settle();
  equal([seen, FakeSocket.last.readyState], [[1, 2, 3], 3]);
});
for (const [how, leave] of [
  ["return", () => true],
  [
    "throw",
    () => {
      throw new Error("mine");
    },
  ],
] as const)
  fake(`for await ends its subscription by ${how}`, async () => {
    const { taskCreated } = on();
    const loop = (async () => {
      for await (const _ of taskCreated) if (leave()) return;
    })().catch(() => {});
    FakeSocket.last.open().say(message("taskCreated", 1));
    await loop;
    await settle();
    equal(FakeSocket.last.readyState, 3);
  });
fake("an iterator that waits can be ended from outside", async () => {
  const iterator = on().taskCreated[Symbol.asyncIterator]();
  const waiting = iterator.next();
  FakeSocket.last.open();
  await iterator.return?.();
  equal([(await waiting).done, (await iterator.next()).done], [true, true]);
  await settle();
  equal(FakeSocket.last.readyState, 3);
});
fake("for await throws if the channel is refused, and nothing stays subscribed", async () => {
  const { taskCreated } = on();
  const loop = thrown(async () => {
    for await (const _ of taskCreated) throw new Error("nothing comes");
  });
  FakeSocket.last.open().say(refusal("taskCreated", 403));
  equal((await loop).message, "acme__todo--taskCreated: 403 no");
  equal(FakeSocket.last.readyState, 3);
});
fake("two loops over one channel both receive all messages", async () => {
  const { taskCreated } = on();
  const loops = [1, 2].map(async () => {
    for await (const data of taskCreated) return data as unknown;
  });
  FakeSocket.last.open().say(message("taskCreated", 7));
  equal(await Promise.all(loops), [7, 7]);
});

// ── the URL of the socket

for (const [options, url] of [
  [{}, "wss://x.test/channels"],
  [{ baseUrl: "http://x.test:8000/api/" }, "ws://x.test:8000/api/channels"],
  [{ socketUrl: "https://live.test/x" }, "wss://live.test/x"],
  [{ socketUrl: "ws://live.test/x" }, "ws://live.test/x"],
] as const)
  fake(`the socket is at ${url}`, () => {
    on(options).taskCreated(() => {});
    equal(FakeSocket.last.url, url);
  });
fake("without baseUrl the socket is at the site of the page", () => {
  Object.assign(globalThis, { location: { href: "https://site.test/deep/page?x#y" } });
  try {
    createApi({ acme__todo }).acme__todo.on.taskCreated(() => {});
    createApi({ acme__todo }, { socketUrl: "//other.test/live" }).acme__todo.on.taskCreated(() => {});
  } finally {
    Reflect.deleteProperty(globalThis, "location");
  }
  equal(FakeSocket.all.map((socket) => socket.url), ["wss://site.test/channels", "wss://other.test/live"]);
});
test("another transport can carry the channels", () => {
  const asked: unknown[] = [];
  const seen: unknown[] = [];
  const api = client({
    transport: {
      subscribe(channels, listener, { last }) {
        asked.push([channels, last]);
        listener(1, "acme__todo--taskCreated");
        return () => asked.push("stopped");
      },
    },
  }).acme__todo;
  api.on.taskCreated((data) => seen.push(data), { last: 2 })();
  api.on.any((event) => seen.push(event))();
  equal(asked, [[[wire("taskCreated")], 2], "stopped", [ALL.map(wire), undefined], "stopped"]);
  equal(seen, [1, { channel: "taskCreated", data: 1 }]);
});

test("another transport may refuse at once", async () => {
  let stopped = 0;
  const { taskCreated } = client({
    transport: {
      subscribe([channel = ""], _, { onError }) {
        onError?.(Object.assign(new Error("not here"), { channel, status: 501 }));
        return () => stopped++;
      },
    },
  }).acme__todo.on;
  const error = await thrown(async () => {
    for await (const _ of taskCreated) throw new Error("nothing comes");
  });
  equal([error.message, stopped], ["not here", 1]);
});

// ── WebSockets that a plugin serves itself

fake("a plugin's socket sends queued messages, and yields messages that arrived before iteration", async () => {
  const connection = client().acme__odd.chat.connect({ room: "a/b" }, { name: "ü" });
  connection.send({ text: "early" });
  const socket = FakeSocket.last.open();
  connection.send({ text: "late" });
  socket.say({ text: "1" }, { text: "2" });
  const seen: unknown[] = [];
  for await (const message of connection) if (seen.push(message.text) === 2) break;
  equal([socket.url, socket.sent, seen, socket.readyState], ["wss://x.test/acme__odd/chat/a%2Fb?name=%C3%BC", [{ text: "early" }, { text: "late" }], ["1", "2"], 3]);
});
fake("iterating a socket ends when the server closes it", async () => {
  const connection = client().acme__odd.chat.connect({ room: "a" });
  FakeSocket.last.open().say({ text: "1" });
  FakeSocket.last.drop(1000);
  const seen: unknown[] = [];
  for await (const message of connection) seen.push(message.text);
  equal(seen, ["1"]);
});
fake("iterating a socket throws when it is lost, and when garbage comes", async () => {
  const loop = async (how: () => void): Promise<string> => {
    const connection = client().acme__odd.chat.connect({ room: "a" });
    FakeSocket.last.open();
    how();
    return (
      await thrown(async () => {
        for await (const _ of connection) throw new Error("nothing comes");
      })
    ).message;
  };
  equal(await loop(() => FakeSocket.last.drop(4403, "no")), "wss://x.test/acme__odd/chat/a: closed with 4403 no");
  equal(await loop(() => FakeSocket.last.say("<html>")), "wss://x.test/acme__odd/chat/a sent invalid JSON: <html>");
});
fake("a socket that the page closes ends without error", async () => {
  const connection = client().acme__odd.chat.connect({ room: "a" });
  connection.close();
  FakeSocket.last.drop();
  for await (const _ of connection) throw new Error("nothing comes");
  equal(FakeSocket.last.readyState, 3);
});
fake("a lost connection can still be closed", async () => {
  const connection = client().acme__odd.chat.connect({ room: "a" });
  FakeSocket.last.open().drop();
  await settle();
  connection.close();
  equal((await connection[Symbol.asyncIterator]().return?.())?.done, true);
});

await run();
