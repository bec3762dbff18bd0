/** What the server is told, and that the manifest offers exactly that. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { serverSettings, strings } from "../src/settings";
import { manifest } from "./files";

function read(values: Record<string, unknown>): (key: string) => unknown {
  return (key) => values[key];
}

test("what a person has not set is left to the configuration of the project", () => {
  const defaults = Object.fromEntries(
    Object.entries(manifest.contributes.configuration.properties).map(([name, property]) => [name.slice("stackmend.".length), property.default]),
  );
  assert.equal(Object.keys(defaults).length, 8);
  assert.deepEqual(serverSettings(read(defaults)), {});
});

test("what a person has set is passed on under the same name", () => {
  const set = { select: ["CMP", "ENV012"], ignore: ["CMP007"], profiles: ["weaviate"], envSource: "none", host: true };
  assert.deepEqual(serverSettings(read(set)), set);
});

test("values of a wrong type are left out", () => {
  const wrong = { select: "CMP", ignore: [1, null, " ", "STK"], profiles: {}, envSource: "wherever", host: "yes" };
  assert.deepEqual(serverSettings(read(wrong)), { ignore: ["STK"] });
  assert.deepEqual(strings(undefined), []);
});

test("the program and its arguments are settings that a folder cannot make before it is trusted", () => {
  const properties = manifest.contributes.configuration.properties;
  assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, ["stackmend.path", "stackmend.args"]);
  assert.equal(manifest.capabilities.untrustedWorkspaces.supported, "limited");
  assert.equal(properties["stackmend.path"]?.scope, "machine-overridable");
});
