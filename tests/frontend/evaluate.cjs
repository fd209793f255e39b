// Runs a generated file: node evaluate.cjs FILE PAYLOADS. Prints as JSON the default export, with every target called with its
// plugin's payload from PAYLOADS, and the names and strings in the types, as the TypeScript parser reads them.
"use strict";
const fs = require("node:fs");
const ts = require("typescript");

const [file, asked] = process.argv.slice(2);
const text = fs.readFileSync(file, "utf8");
const payloads = JSON.parse(fs.readFileSync(asked, "utf8"));

const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
const exported = {};
new Function("exports", ts.transpileModule(text, { compilerOptions: options }).outputText)(exported);

// Entries instead of objects, so that no key can be lost.
function shown(value, payload) {
  if (typeof value === "function") return { call: value(payload) };
  if (Array.isArray(value)) return { items: value.map((item) => shown(item, payload)) };
  if (value === null || typeof value !== "object") return { value };
  if (Object.getPrototypeOf(value) !== Object.prototype) throw new Error("a value has another prototype");
  return { entries: Object.keys(value).map((key) => [key, shown(value[key], payload)]) };
}

function strings(node, found) {
  if (ts.isPropertySignature(node)) found.push(node.name.text);
  if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) found.push(node.literal.text);
  ts.forEachChild(node, (child) => void strings(child, found));
  return found;
}

const types = {};
for (const statement of ts.createSourceFile(file, text, ts.ScriptTarget.ES2022).statements) {
  if (ts.isModuleDeclaration(statement)) types[statement.name.text] = strings(statement, []);
  if (ts.isInterfaceDeclaration(statement)) types[statement.name.text] = strings(statement, []);
}

const configs = Object.entries(exported.default).map(([key, value]) => [key, shown(value, payloads[key])]);
process.stdout.write(JSON.stringify({ configs, types }));
