/** A language server that does nothing but write down, a JSON line each, what it is asked. */
import { appendFileSync } from "node:fs";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-languageserver-protocol/node";

function note(method: string, params: unknown): void {
  appendFileSync(process.env.FAKE_LOG ?? "", JSON.stringify({ method, params }) + "\n");
}

const args = process.argv.slice(2);
if (args[0] === "--version") {
  process.stdout.write("stackmend 0.1.0\n");
  process.exit(0);
}
const connection = createMessageConnection(new StreamMessageReader(process.stdin), new StreamMessageWriter(process.stdout));
connection.onRequest((method, params) => {
  note(method, params);
  if (method === "initialize") {
    note("(arguments)", args);
    const commands = ["stackmend.fixAll"];
    return { capabilities: { textDocumentSync: 2, executeCommandProvider: { commands } }, serverInfo: { name: "fake" } };
  }
  return null;
});
connection.onNotification((method, params) => {
  note(method, params);
  if (method === "initialized") {
    const items = [{ section: "stackmend" }, { section: "stackmend", scopeUri: "file:///srv/dify/.env" }];
    void connection.sendRequest("workspace/configuration", { items }).then((answer) => { note("(configuration)", answer); });
  } else if (method === "exit") {
    process.exit(0);
  }
});

connection.listen();
