// A VS Code that runs without a screen: the workbench and server that the npm package code-server carries.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const VERSION = "4.93.1"; // VS Code 1.93.1
const SHA512 = "sha512-OxEBxxt5ra+ayKdp9yBvRB72gZmZzrtaDvU9uRqNbfQSIrGkCOn+IxEw0AgzYrbtMpa1QhMv6L3od5wBCsJKFg==";
const BROWSER_DRIVER = "puppeteer-core@22.15.0";

/** The folder that holds it; made when it is not there yet. No package's script is run. */
export function installed() {
  const folder = process.env.STACKMEND_VSCODE ?? join(homedir(), ".cache", "stackmend", `code-server-${VERSION}`);
  const mark = join(folder, "installed");
  if (existsSync(mark)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const npm = (cwd, ...words) => execFileSync("npm", [...words, "--silent", "--ignore-scripts"], { cwd, encoding: "utf8" });
  const [packed] = JSON.parse(npm(folder, "pack", `code-server@${VERSION}`, "--json"));
  if (packed.integrity !== SHA512) throw new Error(`${packed.filename} is another file than the one that was looked at`);
  execFileSync("tar", ["-xzf", packed.filename], { cwd: folder });
  const server = join(folder, "package", "lib", "vscode");
  // Its lock file belongs to another layout of the tree; npm refuses it.
  rmSync(join(server, "npm-shrinkwrap.json"));
  npm(server, "install", "--omit=dev", "--no-audit", "--no-fund", "--legacy-peer-deps", "--no-package-lock");
  for (const name of ["native-watchdog", "@vscode/spdlog"])
    cpSync(new URL(`stand-in/${name.replace("@vscode/", "")}.cjs`, import.meta.url), join(server, "node_modules", name, "index.js"));
  npm(folder, "install", "--no-audit", "--no-fund", "--no-package-lock", "--no-save", "--prefix", folder, BROWSER_DRIVER);
  writeFileSync(mark, "");
  return folder;
}
