/** The packaged extension in an editor that is only as real as it must be, with a server that writes down what it is asked. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, beforeEach, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Editor } from "./fake-editor";
import { manifest, ROOT } from "./files";

interface Message {
  readonly method: string;
  readonly params: unknown;
}

interface Extension {
  activate(context: { subscriptions: unknown[] }): Promise<void>;
  deactivate(): Promise<void>;
}

const BUNDLE = path.join(ROOT, "dist", "extension.js");
const folder = mkdtempSync(path.join(tmpdir(), "stackmend-editor-"));
const log = path.join(folder, "log");
const program = path.join(folder, ".venv", "bin", "stackmend");
process.env.FAKE_LOG = log;
const editor = new Editor(folder, {});
editor.install();

function heard(): Message[] {
  const lines = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
  return lines.map((line) => JSON.parse(line) as Message);
}

/** What the server was told by a message of this name, once it is there. */
async function told(method: string): Promise<unknown> {
  for (let waited = 0; waited < 60_000; waited += 20) {
    const message = heard().find((each) => each.method === method);
    if (message !== undefined) {
      return message.params;
    }
    await pause(20);
  }
  assert.fail(`${method} never came; shown: ${editor.shown.join(" ")}`);
}

function install(script: string): void {
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
}

/** Wake the extension, as an editor does; the answer puts it to sleep again. */
async function activated(): Promise<() => Promise<void>> {
  const require = createRequire(__filename);
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- each test gets the module anew
  delete require.cache[BUNDLE];
  const extension = require(BUNDLE) as Extension;
  const subscriptions: { dispose(): unknown }[] = [];
  await extension.activate({ subscriptions });
  return async () => {
    await extension.deactivate();
    subscriptions.forEach((each) => each.dispose());
    // `exit` is a notification: nobody waits for it but the next test, whose log it would reach.
    const count = (name: string): number => heard().filter((each) => each.method === name).length;
    for (let waited = 0; count("exit") < count("initialize"); waited += 20) {
      assert.ok(waited < 60_000, "the server was never told to exit");
      await pause(20);
    }
  };
}

beforeEach(() => {
  mkdirSync(path.dirname(program), { recursive: true });
  rmSync(log, { force: true });
  install(`exec '${process.execPath}' '${path.join(__dirname, "fake-server.js")}' "$@"`);
  Object.assign(editor, { trusted: true, front: undefined });
  for (const key of Object.keys(editor.settings)) {
    Reflect.deleteProperty(editor.settings, key);
  }
  for (const list of [editor.shown, editor.executed, editor.written]) {
    list.length = 0;
  }
  editor.commands.clear();
});

after(() => { rmSync(folder, { recursive: true }); });

const posix = { timeout: 120_000, skip: process.platform === "win32" ? "the fake server is started by a shell" : false };

test("the server of the folder's environment is started, greeted with the settings, and stopped", posix, async () => {
  Object.assign(editor.settings, { args: ["--log-level", "debug"], ignore: ["CMP007"], envSource: "none", profiles: [] });
  const sleep = await activated();
  assert.deepEqual(await told("(arguments)"), ["server", "--log-level", "debug"]);
  const greeting = (await told("initialize")) as Record<string, unknown>;
  assert.deepEqual(greeting.initializationOptions, { ignore: ["CMP007"], envSource: "none" });
  assert.equal(greeting.rootPath, folder);
  await told("initialized");
  const settings = { ignore: ["CMP007"], envSource: "none" };
  assert.deepEqual(await told("(configuration)"), [settings, settings]);
  await sleep();
  assert.deepEqual(heard().slice(-2).map((each) => each.method), ["shutdown", "exit"]);
  assert.deepEqual(editor.shown, []);
});

test("what a person may do in the editor is announced in the manifest, and the other way round", posix, async () => {
  const sleep = await activated();
  const own = [...editor.commands.keys()].filter((name) => name.startsWith("stackmend.editor.")).sort();
  assert.deepEqual(own, manifest.contributes.commands.map((each) => each.command).sort());
  await sleep();
});

test("fixing the deployment is asked of the server, for the file in front", posix, async () => {
  const sleep = await activated();
  await editor.commands.get("stackmend.editor.fixDeployment")?.();
  assert.match(editor.shown.join(), /Open a file of the deployment/);
  editor.front = path.join(folder, "a b", ".env");
  await editor.commands.get("stackmend.editor.fixDeployment")?.();
  const uri = `file://${folder}/a%20b/.env`;
  assert.deepEqual(await told("workspace/executeCommand"), { command: "stackmend.fixAll", arguments: [uri, true] });
  await editor.commands.get("stackmend.editor.fixFile")?.();
  assert.deepEqual(editor.executed.at(-1), ["editor.action.codeAction", { kind: "source.fixAll.stackmend", apply: "first" }]);
  await sleep();
});

test("no program of a folder runs before the folder is trusted, and then it does", posix, async () => {
  editor.trusted = false;
  editor.settings.path = program;
  const sleep = await activated();
  assert.match(editor.shown.join(), /not trusted/);
  assert.equal(existsSync(log), false);
  editor.trusted = true;
  editor.trustGranted.fire(undefined);
  await told("initialized");
  await sleep();
});

test("a changed path starts the server anew; of another setting it is told", posix, async () => {
  const sleep = await activated();
  const changed = (name: string): void => {
    editor.configurationChanged.fire({ affectsConfiguration: (asked: string) => name === asked || name.startsWith(`${asked}.`) });
  };
  changed("editor.fontSize");
  changed("stackmend.select");
  assert.deepEqual(await told("workspace/didChangeConfiguration"), { settings: null });
  const count = (method: string): number => heard().filter((each) => each.method === method).length;
  assert.equal(count("initialize"), 1);
  assert.equal(count("workspace/didChangeConfiguration"), 1);
  changed("stackmend.path");
  await told("exit");
  await editor.commands.get("stackmend.editor.restart")?.();
  assert.equal(count("initialize"), 3, JSON.stringify([heard(), editor.shown]));
  await sleep();
});

test("a program that cannot serve is told once, and the editor goes on", posix, async () => {
  install('[ "$1" = --version ] && echo "stackmend 0.1.0" || { echo "pygls is missing" >&2; exit 2; }');
  const sleep = await activated();
  assert.equal(editor.shown.length, 1);
  assert.match(editor.shown.join(), /cannot serve an editor: pygls is missing/);
  await sleep();
});
