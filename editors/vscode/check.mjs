// All that must hold for the extension: `npm run check`. What does not wait for one another runs side by side.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const MARK = "node_modules/.installed";

/** Run a script of ours and print what it said when it is done. */
function run(...words) {
  const started = Date.now();
  return new Promise((resolve, reject) => {
    const child = spawn("npm", words, { stdio: ["ignore", "pipe", "pipe"], shell: process.platform === "win32" });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => said.push(data));
    child.on("error", reject);
    child.on("close", (code) => {
      process.stdout.write(Buffer.concat(said));
      console.log(`npm ${words.join(" ")}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
      if (code === 0) resolve();
      else reject(new Error(`npm ${words.join(" ")} ended with ${code}`));
    });
  });
}

/** Install anew only where the lock file, or Node, is not the one that was installed for: it takes longest of all. */
async function install() {
  const wanted = `${process.version}\n${readFileSync("package-lock.json", "utf8")}`;
  if (existsSync(MARK) && readFileSync(MARK, "utf8") === wanted) return;
  await run("ci", "--prefer-offline");
  writeFileSync(MARK, wanted);
}

try {
  await install();
  const packed = run("run", "package").then(() => run("run", "test"));
  const failed = (await Promise.allSettled([run("run", "lint"), packed])).find((each) => each.status === "rejected");
  if (failed) throw failed.reason;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
