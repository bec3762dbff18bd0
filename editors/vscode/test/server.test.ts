/** What is told about a program that cannot serve. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { missing } from "../src/messages";
import { before, INSTALL, OLDEST, unfit, version } from "../src/server";
import { manifest } from "./files";

const folder = mkdtempSync(path.join(tmpdir(), "stackmend-server-"));
const file = path.join(folder, "stackmend");
after(() => { rmSync(folder, { recursive: true }); });

/** What is told about a program that answers `--version` and `server` like this. */
async function told(asked: string, served = "exit 0"): Promise<string | undefined> {
  writeFileSync(file, `#!/bin/sh\nif [ "$1" = --version ]; then ${asked}; else ${served}; fi\n`);
  chmodSync(file, 0o755);
  return unfit(file, []);
}

const posix = { timeout: 120_000, skip: process.platform === "win32" ? "the programs are shell scripts" : false };

test("the version is read from what the program prints", () => {
  assert.equal(version("stackmend 0.12.3\n"), "0.12.3");
  assert.equal(version("stackmend 1.0.0rc1\n"), "1.0.0");
  for (const other of ["", "Python 3.11.2", "not stackmend 0.1.0", "stackmend"]) {
    assert.equal(version(other), undefined);
  }
});

test("versions are compared as numbers", () => {
  assert.ok(before("0.9.0", "0.10.0"));
  assert.ok(before("0.9.9", "1.0.0"));
  assert.ok(!before("0.10.0", "0.9.0"));
  assert.ok(!before("1.2.3", "1.2.3"));
});

test("a server that ends when nobody talks to it will do, whatever it logs", posix, async () => {
  assert.equal(await told(`echo "stackmend ${OLDEST}"`, "cat; echo started >&2"), undefined);
  assert.equal(await told("echo stackmend 12.0.0", "exit 1"), undefined);
});

test("a program that is too old, or another, is named with what to do", posix, async () => {
  assert.match((await told("echo stackmend 0.0.9", "exit 2")) ?? "", /stackmend is stackmend 0\.0\.9.*0\.1\.0 or newer.*pip install/);
  assert.match((await told("echo hello")) ?? "", /is not stackmend/);
  assert.match((await told("echo stackmend 0.1.0; exit 3")) ?? "", /is not stackmend/);
  assert.match((await unfit("/does/not/exist", [])) ?? "", /\/does\/not\/exist is not stackmend, or cannot start/);
});

test("a server that cannot run says why itself", posix, async () => {
  const words = (await told("echo stackmend 0.1.0", "echo note >&2; echo 'pygls is missing.' >&2; exit 2")) ?? "";
  assert.match(words, /cannot serve an editor: pygls is missing\. What/);
  assert.ok(words.includes(INSTALL));
});

test("the extension needs no newer server than one of its own version", () => {
  assert.ok(!before(manifest.version, OLDEST));
});

test("each reason for not starting has its own words, and says how to install where that would help", () => {
  assert.ok(missing({ kind: "absent" }).includes(INSTALL));
  assert.match(missing({ kind: "setting-wrong", file: "/x/y" }), /stackmend\.path says \/x\/y/);
  assert.match(missing({ kind: "refused", file: "/w/.venv/bin/stackmend" }), /\/w\/\.venv\/bin\/stackmend.*not trusted/);
});
