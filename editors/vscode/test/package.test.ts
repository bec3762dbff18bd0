/** The packed extension holds what the editor loads, and nothing else. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { ROOT, text } from "./files";

const PACKED = ["CHANGELOG.md", "LICENSE", "README.md", "dist/extension.js", "media/icon.png", "package.json"];

test("the package holds six files", () => {
  const vsce = path.join(ROOT, "node_modules", "@vscode", "vsce", "vsce");
  const listed = execFileSync(process.execPath, [vsce, "ls", "--no-dependencies"], { cwd: ROOT, encoding: "utf8" });
  assert.deepEqual(listed.trim().split("\n").sort(), PACKED);
});

test("the bundle has the language client in it and asks for nothing but the editor and node", () => {
  const bundle = text("dist", "extension.js");
  const asked = new Set([...bundle.matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1] ?? ""));
  const builtin = new Set(process.getBuiltinModule("module").builtinModules);
  assert.deepEqual([...asked].filter((name) => !builtin.has(name.replace("node:", ""))), ["vscode"]);
  assert.ok(statSync(path.join(ROOT, "dist", "stackmend.vsix")).size < 300_000);
});

test("the lock file names no place to download from, so that it holds for every registry", () => {
  const lock = JSON.parse(text("package-lock.json")) as { packages: Record<string, { resolved?: string; integrity?: string }> };
  const packages = Object.values(lock.packages).slice(1);
  assert.ok(packages.length > 100);
  assert.deepEqual(packages.filter((each) => each.resolved !== undefined), []);
  assert.deepEqual(packages.filter((each) => each.integrity === undefined), []);
});
