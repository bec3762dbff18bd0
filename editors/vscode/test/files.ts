/** The files of the extension, for the tests. */
import { readFileSync } from "node:fs";
import * as path from "node:path";

interface Property {
  readonly default: unknown;
  readonly scope: string;
}

interface Manifest {
  readonly version: string;
  readonly activationEvents: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly supported: string; readonly restrictedConfigurations: readonly string[] };
  };
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, Property>> };
  };
}

/** The tests run as `out/test/*.js`. */
export const ROOT = path.resolve(__dirname, "..", "..");

export function text(...names: string[]): string {
  return readFileSync(path.join(ROOT, ...names), "utf8");
}

export const manifest = JSON.parse(text("package.json")) as Manifest;
