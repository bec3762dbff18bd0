/** Which program is started, on which system, and never one of a folder that is not trusted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { find, type Machine, type Window } from "../src/executable";

const LINUX = "/home/ada/.local/bin/stackmend";

function machine(files: string[], more: Partial<Machine> = {}): Machine {
  return { platform: "linux", home: "/home/ada", path: "/usr/local/bin:/usr/bin", runs: (file) => files.includes(file), ...more };
}

function window(more: Partial<Window> = {}): Window {
  return { setting: "", folders: ["/srv/dify"], trusted: true, ...more };
}

test("the virtual environment of a folder goes before PATH, and PATH before where pipx installs", () => {
  const files = [LINUX, "/usr/bin/stackmend", "/srv/two/.venv/bin/stackmend"];
  const folders = ["/srv/dify", "/srv/two"];
  assert.deepEqual(find(window({ folders }), machine(files)), { kind: "found", file: "/srv/two/.venv/bin/stackmend" });
  assert.deepEqual(find(window(), machine(files)), { kind: "found", file: "/usr/bin/stackmend" });
  assert.deepEqual(find(window(), machine([LINUX])), { kind: "found", file: LINUX });
  assert.deepEqual(find(window(), machine([])), { kind: "absent" });
});

test("a program that is only a name is looked for on PATH, in the order of PATH", () => {
  const files = ["/usr/bin/sm", "/usr/local/bin/sm"];
  assert.deepEqual(find(window({ setting: " sm " }), machine(files)), { kind: "found", file: "/usr/local/bin/sm" });
});

for (const [setting, file] of [
  ["/opt/sm/bin/stackmend", "/opt/sm/bin/stackmend"],
  ["~/sm/stackmend", "/home/ada/sm/stackmend"],
  ["${workspaceFolder}/env/bin/stackmend", "/srv/dify/env/bin/stackmend"],
  ["env/bin/stackmend", "/srv/dify/env/bin/stackmend"],
] as const) {
  test(`the setting ${setting} means ${file}`, () => {
    assert.deepEqual(find(window({ setting }), machine([file, LINUX])), { kind: "found", file });
  });
}

test("a setting that names no program is told, and nothing else is started in its place", () => {
  for (const setting of ["/opt/none", "none"]) {
    assert.deepEqual(find(window({ setting }), machine([LINUX])), { kind: "setting-wrong", file: setting });
  }
});

test("a folder name with a dollar sign is taken as it is", () => {
  const setting = "${workspaceFolder}/stackmend";
  const found = find(window({ setting, folders: ["/srv/$&"] }), machine(["/srv/$&/stackmend"]));
  assert.deepEqual(found, { kind: "found", file: "/srv/$&/stackmend" });
});

test("in a folder that is not trusted its own programs are passed over, whoever names them", () => {
  const own = "/srv/dify/.venv/bin/stackmend";
  const window_ = (setting: string): Window => window({ setting, trusted: false });
  assert.deepEqual(find(window_(""), machine([own, LINUX])), { kind: "found", file: LINUX });
  assert.deepEqual(find(window_(""), machine([own])), { kind: "refused", file: own });
  assert.deepEqual(find(window_("${workspaceFolder}/.venv/bin/stackmend"), machine([own])), { kind: "refused", file: own });
  assert.deepEqual(find(window_("/srv/other/../dify/.venv/bin/stackmend"), machine([own])), { kind: "refused", file: own });
  const inPath = machine([own], { path: "/srv/dify/.venv/bin" });
  assert.deepEqual(find(window_(""), inPath), { kind: "refused", file: own });
});

test("a folder whose name only begins alike is another folder", () => {
  const file = "/srv/dify-tools/bin/stackmend";
  assert.deepEqual(find(window({ setting: file, trusted: false }), machine([file])), { kind: "found", file });
  const dots = "/srv/dify/..hidden/stackmend";
  assert.deepEqual(find(window({ setting: dots, trusted: false }), machine([dots])), { kind: "refused", file: dots });
});

test("a relative entry of PATH, which would mean the open folder, is passed over", () => {
  const anything = machine([], { path: ".::bin:node_modules/.bin", runs: () => true });
  assert.deepEqual(find(window({ folders: [] }), anything), { kind: "found", file: LINUX });
});

test("on Windows programs end with .exe and environments have Scripts", () => {
  const windows = (files: string[]): Machine =>
    machine(files, { platform: "win32", home: "C:\\Users\\ada", path: "C:\\Windows;C:\\Tools" });
  const own = "D:\\dify\\.venv\\Scripts\\stackmend.exe";
  const tools = "C:\\Tools\\stackmend.exe";
  const at = (more: Partial<Window> = {}): Window => window({ folders: ["D:\\dify"], ...more });
  assert.deepEqual(find(at(), windows([own, tools])), { kind: "found", file: own });
  assert.deepEqual(find(at({ trusted: false }), windows([own, tools])), { kind: "found", file: tools });
  assert.deepEqual(find(at({ trusted: false, setting: "d:\\DIFY\\x.exe" }), windows(["d:\\DIFY\\x.exe"])), { kind: "refused", file: "d:\\DIFY\\x.exe" });
  assert.deepEqual(find(at({ setting: "stackmend.EXE" }), windows(["C:\\Tools\\stackmend.EXE"])), { kind: "found", file: "C:\\Tools\\stackmend.EXE" });
  assert.deepEqual(find(at({ setting: "~\\bin\\sm.exe" }), windows(["C:\\Users\\ada\\bin\\sm.exe"])), { kind: "found", file: "C:\\Users\\ada\\bin\\sm.exe" });
});
