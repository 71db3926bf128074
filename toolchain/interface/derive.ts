/** What rosidl makes of services and actions (rosidl_parser, definition.py: Service and Action). */
import type {
  ActionDefinition,
  ElementType,
  Field,
  MessageDefinition,
  ServiceDefinition,
} from "./definition.js";

function message(typeName: string, fields: readonly Field[]): MessageDefinition {
  return { kind: "message", typeName, fields, constants: [] };
}

function single(name: string, element: ElementType | string): Field {
  const type: ElementType = typeof element === "string" ? { kind: "message", typeName: element } : element;
  return { name, type: { element: type, multiplicity: { kind: "single" } } };
}

function atMostOne(name: string, typeName: string): Field {
  return {
    name,
    type: { element: { kind: "message", typeName }, multiplicity: { kind: "sequence", bound: 1 } },
  };
}

/** @param request, response named TYPE_Request and TYPE_Response */
export function deriveService(
  typeName: string,
  request: MessageDefinition,
  response: MessageDefinition,
): ServiceDefinition {
  const event = message(`${typeName}_Event`, [
    single("info", "service_msgs/msg/ServiceEventInfo"),
    atMostOne("request", request.typeName),
    atMostOne("response", response.typeName),
  ]);
  return { kind: "service", typeName, request, response, event };
}

/** @param goal, result, feedback named TYPE_Goal, TYPE_Result and TYPE_Feedback */
export function deriveAction(
  typeName: string,
  goal: MessageDefinition,
  result: MessageDefinition,
  feedback: MessageDefinition,
): ActionDefinition {
  const goalId = single("goal_id", "unique_identifier_msgs/msg/UUID");
  const sendGoal = `${typeName}_SendGoal`;
  const getResult = `${typeName}_GetResult`;
  return {
    kind: "action",
    typeName,
    goal,
    result,
    feedback,
    sendGoal: deriveService(
      sendGoal,
      message(`${sendGoal}_Request`, [goalId, single("goal", goal.typeName)]),
      message(`${sendGoal}_Response`, [
        single("accepted", { kind: "primitive", name: "bool" }),
        single("stamp", "builtin_interfaces/msg/Time"),
      ]),
    ),
    getResult: deriveService(
      getResult,
      message(`${getResult}_Request`, [goalId]),
      message(`${getResult}_Response`, [
        single("status", { kind: "primitive", name: "int8" }),
        single("result", result.typeName),
      ]),
    ),
    feedbackMessage: message(`${typeName}_FeedbackMessage`, [goalId, single("feedback", feedback.typeName)]),
  };
}
