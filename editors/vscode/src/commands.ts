/** The commands that mend. */
import * as vscode from "vscode";
import { ExecuteCommandRequest, type LanguageClient } from "vscode-languageclient/node";

/** The server's command for all safe fixes. It takes a document's URI, and whether its whole deployment is meant. */
const FIX_ALL = "stackmend.fixAll";

/** Apply all safe fixes to the document in front. */
export async function fixFile(): Promise<void> {
  await vscode.commands.executeCommand("editor.action.codeAction", { kind: "source.fixAll.stackmend", apply: "first" });
}

/** Have the server apply all safe fixes to every file of the deployment that the document in front is part of. */
export async function fixDeployment(client: LanguageClient | undefined): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (client === undefined || document === undefined) {
    void vscode.window.showInformationMessage("Open a file of the deployment, with the Stackmend server running.");
    return;
  }
  const announced = client.initializeResult?.capabilities.executeCommandProvider?.commands ?? [];
  if (!announced.includes(FIX_ALL)) {
    void vscode.window.showWarningMessage("This version of stackmend cannot mend a whole deployment from the editor. Run: stackmend lint --fix");
    return;
  }
  const uri = client.code2ProtocolConverter.asUri(document.uri);
  await client.sendRequest(ExecuteCommandRequest.type, { command: FIX_ALL, arguments: [uri, true] });
}
