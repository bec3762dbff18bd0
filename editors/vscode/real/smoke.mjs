// The packed extension in a real VS Code: opens a deployment and counts what the status bar says. See CONTRIBUTING.md.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { installed } from "./install.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = resolve(HERE, "../../..");
const PATIENCE = 180_000;
const stackmend = process.env.STACKMEND ?? join(ROOT, ".venv", "bin", "stackmend");
const browser = process.env.CHROMIUM ?? "chromium";

/** What the status bar has to say about a folder: `Errors: 4, Infos: 2`, by what the command line finds. */
function expected(folder) {
  let text;
  try {
    text = execFileSync(stackmend, ["lint", folder, "--isolated", "--format", "json", "--exit-zero"], { encoding: "utf8" });
  } catch (error) {
    throw new Error(`${stackmend} does not run: ${error.message}`);
  }
  const { summary } = JSON.parse(text);
  const parts = [["Errors", summary.error], ["Warnings", summary.warning], ["Infos", summary.info]];
  return parts.filter(([, count]) => count).map(([name, count]) => `${name}: ${count}`).join(", ");
}

/** Start the server; gives the process and its port. */
function host(server, data) {
  const child = spawn(process.execPath, [join(HERE, "host.cjs"), server, data], { stdio: ["ignore", "pipe", "pipe"] });
  child.stderr.resume();
  return new Promise((ready, failed) => {
    let said = "";
    child.on("error", failed);
    child.on("close", (code) => failed(new Error(`the server ended with ${code}: ${said}`)));
    child.stdout.on("data", (text) => {
      said += text;
      const port = /listening on (\d+)/.exec(said)?.[1];
      if (port) ready({ child, port });
    });
  });
}

/** Open a file of a folder in the browser and wait until the status bar says what is wanted; gives what it said last. */
async function looked(folder, port, tools, wanted) {
  const { default: puppeteer } = await import(createRequire(join(tools, "x.js")).resolve("puppeteer-core"));
  const executablePath = execFileSync("which", [browser], { encoding: "utf8" }).trim();
  const window = await puppeteer.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  let said = "";
  try {
    const page = await window.newPage();
    const file = `vscode-remote://127.0.0.1:${port}${folder}/docker-compose.yaml`;
    const query = new URLSearchParams({ folder, payload: JSON.stringify([["openFile", file]]) });
    await page.goto(`http://127.0.0.1:${port}/?${query}`, { waitUntil: "domcontentloaded", timeout: PATIENCE });
    const end = Date.now() + PATIENCE;
    while (said !== wanted && Date.now() < end) {
      await new Promise((wait) => setTimeout(wait, 500));
      said = await page.evaluate(() => document.getElementById("status.problems")?.getAttribute("aria-label") ?? "");
    }
    if (said !== wanted && process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
  } finally {
    await window.close();
  }
  return said;
}

const scratch = mkdtempSync(join(tmpdir(), "stackmend-vscode-"));
let running;
try {
  const [tools, folder, data] = [installed(), join(scratch, "dify"), join(scratch, "data")];
  const server = join(tools, "package", "lib", "vscode");
  cpSync(join(ROOT, "examples", "dify"), folder, { recursive: true });
  mkdirSync(join(data, "user", "Machine"), { recursive: true });
  writeFileSync(join(data, "user", "Machine", "settings.json"), JSON.stringify({ "stackmend.path": stackmend }));
  const wanted = expected(folder);
  const packed = resolve(HERE, "../dist/stackmend.vsix");
  execFileSync(process.execPath, [join(HERE, "host.cjs"), server, data, packed], { stdio: ["ignore", "pipe", "pipe"] });
  running = await host(server, data);
  const said = await looked(folder, running.port, tools, wanted);
  if (said !== wanted) throw new Error(`VS Code says "${said}", and the command line finds "${wanted}"`);
  console.log(`VS Code says "${said}", as the command line does`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  running?.child.removeAllListeners("close").kill();
  rmSync(scratch, { recursive: true, force: true });
}
