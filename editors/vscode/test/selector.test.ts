/** Which files are shown to the server, and which folders wake the extension. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { minimatch } from "minimatch";
import { documentSelector } from "../src/files";
import { manifest, text } from "./files";

const CONFIGURATION = [
  "compose.yaml",
  "docker/docker-compose.middleware.yaml",
  "docker-compose.yml",
  "compose.override.yml",
  "docker/.env",
  ".env.example",
  "docker/middleware.env",
  "docker/middleware.env.example",
  "config.json",
  "projects/app/data/config.local.json",
  "nginx/nginx.conf.template",
  "nginx/conf.d/default.conf",
  "docker/nginx/conf.d/default.conf.template",
  "docker/ssrf_proxy/squid.conf.template",
  "squid.conf",
];
const OTHER = ["package.json", "src/main.py", "README.md", "environment.txt", "redis.conf", "tsconfig.json", "my.env.py", "nginx.md"];

const patterns = documentSelector.flatMap((filter) => filter.pattern ?? []);

/** As the editor reads a pattern: a name that starts with a dot is a name like others. */
function matches(pattern: string, file: string): boolean {
  return minimatch(`/srv/stack/${file}`, `/srv/stack/${pattern}`, { dot: true });
}

for (const file of CONFIGURATION) {
  test(`${file} is shown to the server, in whatever language the editor believes it to be`, () => {
    assert.ok(patterns.some((pattern) => matches(pattern, file)));
  });
}

for (const file of OTHER) {
  test(`${file} is not shown to the server by its name`, () => {
    assert.ok(!patterns.some((pattern) => matches(pattern, file)));
  });
}

test("the files are those that the pre-commit hooks of the project take", () => {
  const hooks = /files: &configuration \|\n((?: {4}.*\n)+)/.exec(text("..", "..", ".pre-commit-hooks.yaml"))?.[1] ?? "";
  const expression = new RegExp(hooks.replace("(?x)", "").replace(/\s+/g, ""));
  assert.deepEqual(CONFIGURATION.filter((file) => !expression.test(file)), []);
  assert.deepEqual(OTHER.filter((file) => expression.test(file)), []);
});

test("only files on the disk are shown, since a deployment is read as a whole", () => {
  assert.deepEqual(new Set(documentSelector.map((filter) => filter.scheme)), new Set(["file"]));
});

test("languages that an editor may know are taken by their name, and JSON is not", () => {
  const languages = documentSelector.flatMap((filter) => filter.language ?? []);
  assert.deepEqual(languages, ["dockercompose", "yaml", "dotenv", "nginx"]);
});

test("a folder with a deployment wakes the extension, and another project does not", () => {
  const wakes = (file: string): boolean =>
    manifest.activationEvents.some((event) => event.startsWith("workspaceContains:") && matches(event.slice("workspaceContains:".length), file));
  for (const file of ["docker/docker-compose.yaml", "compose.yml", ".env", "nginx.conf", "ssrf_proxy/squid.conf.template"]) {
    assert.ok(wakes(file), file);
  }
  assert.ok(!OTHER.some(wakes));
});
