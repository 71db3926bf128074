import { Node } from "rosehip/assembly";
import { absoluteNamespace, checkNodeName, expandName } from "rosehip/assembly/node/names";
import { Run } from "rosehip_test/srv";

const node = new Node("names");

// "expand NAME NODE NAMESPACE", "node NAME", "namespace NAMESPACE", separated by tabs; a wrong name panics.
node.createService(Run, "run", (request, response) => {
  const words = request.command.split("\t");
  response.success = true;
  if (words[0] == "expand") response.message = expandName("service", words[1], words[2], words[3]);
  else if (words[0] == "node") checkNodeName(words[1]);
  else if (words[0] == "namespace") response.message = absoluteNamespace(words[1]);
  else response.message = new Node("x", words[1]).logger.name;
});
