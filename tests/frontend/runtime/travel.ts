// Values that are not JSON, on a real host: bodies, responses, headers, errors and a plugin's own WebSockets.
import { acme__travel, createApi } from "./generated-config";
import { equal, run, test } from "./harness";

declare const process: { env: { [name: string]: string } };

const { acme__travel: api } = createApi({ acme__travel }, { baseUrl: process.env["HOST_URL"] ?? "", csrf: acme__travel.custom.csrf });
const packed = new Uint8Array([0x81, 0xa7, ...new TextEncoder().encode("text_of"), 0xa1, 0x78]);

// ── bodies

test("a form can contain strings, numbers, booleans and lists", async () => {
  equal(await api.form.create({ firstNumber: 3, isOpen: false, allWords: ["a b", "c&d"] }), { firstNumber: 3, isOpen: false, allWords: ["a b", "c&d"], mayBe: null });
  equal((await api.form.create({ firstNumber: 3, isOpen: true, mayBe: 4 })).mayBe, 4);
});
test("a list with one item is a list", async () => {
  equal((await api.form.create({ firstNumber: 3, isOpen: true, allWords: ["a"] })).allWords, ["a"]);
  equal((await api.multipart.create({ firstNumber: 3, isOpen: true, allWords: ["a"] })).allWords, ["a"]);
  equal(await api["form-model"].create({ allWords: ["a"] }), ["a"]);
});
test("an empty list is omitted", async () => {
  equal((await api.form.create({ firstNumber: 3, isOpen: true, allWords: [] })).allWords, []);
});
test("files are sent with fields, one or several", async () => {
  const file = new File(["1234"], "ü.txt", { type: "text/plain" });
  equal(await api.upload.create({ title: "t", allFiles: [file] }), { title: "t", sizes: [4] });
  equal(await api.upload.create({ title: "t", allFiles: [file, new Blob(["1"])], cover: file }), { title: "t", sizes: [4, 1, 4] });
});
test("files are sent without fields", async () => {
  equal(await api.file.create(new File(["1234"], "a.txt")), "a.txt 4");
  equal(await api.file.create(new Blob(["12"])), "blob 2");
  equal(await api.files.create([new Blob(["1"])]), [1]);
  equal(await api.files.create([new Blob(["1"]), new Blob(["22"])]), [1, 2]);
});
test("bytes are sent unchanged", async () => {
  equal(await api.raw.create(new Blob(["12345"])), 5);
  equal(await api.raw.create("ü"), 2);
  equal(await api.raw.create(packed.buffer), packed.length);
  equal((await api.packed.create(packed.buffer)).text_of, "x");
});
test("validation errors are reported by field", async () => {
  const result = await api.form.create.safe({ firstNumber: 0.5, isOpen: true });
  equal(!result.ok && [result.error.status, result.error.extra?.map(({ key, source }) => [key, source])], [400, [["firstNumber", "body"]]]);
});

// ── headers

test("headers are sent with a call", async () => {
  equal(await api.headers.getAll(undefined, { "x-tenant": 3 }), [3, null, false]);
  equal(await api.headers.getAll({ dry: true }, { "x-tenant": 3, "x-trace": "t" }), [3, "t", true]);
  const result = await api.headers.getAll.safe(undefined, { "x-tenant": 0.5 });
  equal(!result.ok && result.error.extra?.[0]?.source, "header");
});

// ── responses

test("a string is a string, even if its media type is JSON", async () => {
  equal(await api.said.get({ how: "json" }), 'say "json"');
});
test("bytes are a blob", async () => {
  equal([...new Uint8Array(await (await api.bytes.getAll()).arrayBuffer())], [255, 0]);
  equal((await (await api.file.getAll()).text()).startsWith('"""A plugin'), true);
});
test("a stream is read piece by piece", async () => {
  const pieces: Uint8Array[] = [];
  const reader = (await api.stream.getAll()).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) pieces.push(read.value);
  equal(pieces.map((piece) => new TextDecoder().decode(piece)).join(""), "ab");
  equal((await new Response(await api.events.getAll()).text()).trim(), "data: a");
});
test("a redirect is followed", async () => {
  equal(await (await api.moved.getAll()).text(), 'say "text"');
});
test("an empty response is undefined", async () => {
  equal([await api.nothing.getAll()], [undefined]);
});
test("a DTO's response has the fields of its type", async () => {
  equal(await api.note.create({ textOf: "a" }), { textOf: "a" });
});

// ── errors

test("a declared response has its own fields", async () => {
  equal(await api.maybe.get({ number: 1 }), { text_of: "here", secret: "" });
  const result = await api.maybe.get.safe({ number: 2 });
  equal(!result.ok && result.error.status === 404 && result.error.since, 1999);
});
test("an invalid path is reported", async () => {
  const result = await api.maybe.get.safe({ number: 0 });
  equal(!result.ok && result.error.status === 400 && result.error.extra?.[0]?.key, "number");
});
test("an error that a route raises is reported", async () => {
  const result = await api.lost.getAll.safe();
  equal(!result.ok && [result.error.status, result.error.detail], [404, "lost"]);
});

// ── WebSockets

test("a listener answers", async () => {
  const room = api.room.talk({ id: 3 }, { shout: true });
  room.send({ text: "a" });
  room.send({ text: "b" });
  const heard: string[] = [];
  for await (const note of room) {
    heard.push(note.text_of);
    if (heard.length === 2) break;
  }
  equal(heard, ["A 3", "B 3"]);
});
test("strings are sent unchanged", async () => {
  const echo = api.echo.connect();
  echo.send('{"no JSON');
  for await (const text of echo) {
    equal(text, '{"no JSON');
    break;
  }
});
test("a socket with a DTO has the fields of its type", async () => {
  const open = api.public.connect();
  open.send({ textOf: "a" });
  for await (const note of open) {
    equal(note, { textOf: "a" });
    break;
  }
});
test("a stream ends by itself", async () => {
  const heard: string[] = [];
  for await (const note of api.ticks.connect({ count: 3 })) heard.push(note.text_of);
  equal(heard, ["0", "1", "2"]);
});

await run();
