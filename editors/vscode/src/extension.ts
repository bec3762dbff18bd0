/** Starts the language server that is installed, keeps it running, and gives the editor its commands. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as vscode from "vscode";
import { DidChangeConfigurationNotification, type LanguageClient } from "vscode-languageclient/node";
import { makeClient } from "./client";
import { fixDeployment, fixFile } from "./commands";
import { find, type Found } from "./executable";
import { missing } from "./messages";
import { unfit } from "./server";
import { strings } from "./settings";

/** The settings that the server is started with; the others it asks for itself. */
const FOR_START = ["stackmend.path", "stackmend.args"];

let running: LanguageClient | undefined;
/** Starts and stops one after the other, however fast they are asked for. */
let turn: Promise<void> = Promise.resolve();

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("Stackmend", { log: true });
  const restart = (): Promise<void> => (turn = turn.then(stop).then(() => start(output)));
  const register = (name: string, action: () => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(`stackmend.editor.${name}`, action);
  context.subscriptions.push(
    output,
    register("restart", restart),
    register("showOutput", () => { output.show(); }),
    register("fixFile", fixFile),
    register("fixDeployment", () => fixDeployment(running)),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (FOR_START.some((name) => event.affectsConfiguration(name))) {
        void restart();
      } else if (event.affectsConfiguration("stackmend") && running?.isRunning()) {
        // The server asks for its section then; the settings as the editor has them are of no use to it.
        void running.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
      }
    }),
  );
  await restart();
}

export async function deactivate(): Promise<void> {
  await (turn = turn.then(stop));
}

async function stop(): Promise<void> {
  const client = running;
  running = undefined;
  try {
    // The client starts a server that has died again by itself, and refuses to stop while it does.
    if (client?.needsStop()) {
      await client.start();
    }
    await client?.dispose();
  } catch {
    // A server that has died, or does not stop in time, is no longer ours to wait for.
  }
}

async function start(output: vscode.LogOutputChannel): Promise<void> {
  const found = search();
  if (found.kind !== "found") {
    complain(missing(found), output);
    return;
  }
  const args = strings(vscode.workspace.getConfiguration("stackmend").get("args"));
  const wrong = await unfit(found.file, args);
  if (wrong !== undefined) {
    complain(wrong, output);
    return;
  }
  output.info(`Starting ${found.file}`);
  const client = makeClient(found.file, args, output);
  try {
    await client.start();
    running = client;
  } catch (error) {
    complain(`${found.file} server did not start: ${String(error)}`, output);
  }
}

function search(): Found {
  const window = {
    setting: vscode.workspace.getConfiguration("stackmend").get<string>("path", ""),
    folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
    trusted: vscode.workspace.isTrusted,
  };
  return find(window, { platform: process.platform, home: os.homedir(), path: process.env.PATH ?? "", runs });
}

function runs(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Say what is wrong without holding up the editor: nobody has to press a button for the start to go on. */
function complain(text: string, output: vscode.LogOutputChannel): void {
  output.error(text);
  void vscode.window.showErrorMessage(text, "Show Output", "Settings").then((choice) => {
    if (choice === "Show Output") {
      output.show();
    } else if (choice === "Settings") {
      void vscode.commands.executeCommand("workbench.action.openSettings", "stackmend.path");
    }
  });
}
