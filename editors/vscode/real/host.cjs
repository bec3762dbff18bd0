// Serves VS Code on a free port of this machine: host.cjs SERVER DATA [EXTENSION]; with an extension, installs it only.
const { createServer } = require("node:http");
const { join } = require("node:path");

const [server, data, extension] = process.argv.slice(2);
const options = {
  _: [],
  "accept-server-license-terms": true,
  "disable-telemetry": true,
  "telemetry-level": "off",
  "disable-workspace-trust": true,
  "extensions-dir": join(data, "extensions"),
  "user-data-dir": join(data, "user"),
  "server-data-dir": join(data, "server"),
};

async function main() {
  const code = await require(join(server, "out", "server-main")).loadCodeWithNls();
  if (extension) {
    await code.spawnCli({ ...options, "install-extension": [extension] });
    // It would wait for what it asked of the network, and for minutes where there is none.
    process.exit(0);
  }
  const vscode = await code.createServer(null, { ...options, compatibility: "1.64", "without-connection-token": true });
  const http = createServer((request, response) => vscode.handleRequest(request, response));
  http.on("upgrade", (request, socket) => vscode.handleUpgrade(request, socket));
  http.listen(0, "127.0.0.1", () => console.log(`listening on ${http.address().port}`));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
