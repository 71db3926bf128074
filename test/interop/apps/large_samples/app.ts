// A service that is asked more than the board takes, and a client that is answered more; nodes/large_samples.py is the
// other side.

import { AddDiagnostics, AddDiagnostics_Request, AddDiagnostics_Response } from "diagnostic_msgs/srv";
import { Node } from "rosehip/assembly";

const node = new Node("large_samples");
const client = node.createClient(AddDiagnostics, "remote");

function request(text: string): AddDiagnostics_Request {
  const request = new AddDiagnostics_Request();
  request.load_namespace = text;
  return request;
}

function tell(scenario: string, response: AddDiagnostics_Response | null): void {
  node.logger.info(`${scenario}: ${response === null ? client.error : response.message}`);
}

node.createService(AddDiagnostics, "measure", (request, response) => {
  response.success = true;
  response.message = `${request.load_namespace.length} characters`;
});

client.waitForService(60000);
// Without a time-out: what ends them is that the response was too large.
tell("large", client.call(request("large")));
client.callAsync(request("large"), (response) => tell("large, asynchronously", response));
tell("small", client.call(request("small")));
