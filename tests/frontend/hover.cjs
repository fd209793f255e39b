// Documentation in the editor: node hover.cjs FILE. Prints as JSON called name → documentation for each name before a `(` in FILE.
"use strict";
const fs = require("node:fs");
const ts = require("typescript");

const [file] = process.argv.slice(2);
const text = fs.readFileSync(file, "utf8");
const options = { strict: true, target: ts.ScriptTarget.ES2022, moduleResolution: ts.ModuleResolutionKind.Bundler, module: ts.ModuleKind.ESNext };
const service = ts.createLanguageService({
  getScriptFileNames: () => [file],
  getScriptVersion: () => "1",
  getScriptSnapshot: (name) => (fs.existsSync(name) ? ts.ScriptSnapshot.fromString(fs.readFileSync(name, "utf8")) : undefined),
  getCurrentDirectory: () => ts.sys.getCurrentDirectory(),
  getCompilationSettings: () => options,
  getDefaultLibFileName: ts.getDefaultLibFilePath,
  fileExists: ts.sys.fileExists,
  readFile: ts.sys.readFile,
});
const shown = {};
for (const { 1: name, index } of text.matchAll(/(\w+)\(/g)) shown[name] = ts.displayPartsToString(service.getQuickInfoAtPosition(file, index)?.documentation);
process.stdout.write(JSON.stringify(shown));
