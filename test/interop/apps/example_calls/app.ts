// The board as the client of the rclpy twins that have no client example; nodes/example_calls.py from the other side. Each
// logs one line "name: what was seen".

import { Transition } from "lifecycle_msgs/msg";
import { ChangeState, ChangeState_Request, GetState, GetState_Request } from "lifecycle_msgs/srv";
import {
  NavigateToPosition,
  NavigateToPosition_Feedback,
  NavigateToPosition_Goal,
  NavigateToPosition_Result,
} from "navigation_interfaces/action";
import { Parameter as ParameterMessage } from "rcl_interfaces/msg";
import {
  GetParameters,
  GetParameters_Request,
  SetParameters,
  SetParameters_Request,
} from "rcl_interfaces/srv";
import { ClientGoalHandle, createTask, Node, sleep } from "rosehip/assembly";
import { SetBool, SetBool_Request } from "std_srvs/srv";

const PATIENCE_MS = 10000;

const node = new Node("example_calls");
const navigate = node.createActionClient(NavigateToPosition, "navigate_to_position");
const led = node.createClient(SetBool, "led/set");
const changeState = node.createClient(ChangeState, "lc_talker/change_state");
const getState = node.createClient(GetState, "lc_talker/get_state");
const setParameters = node.createClient(SetParameters, "parameters/set_parameters");
const getParameters = node.createClient(GetParameters, "parameters/get_parameters");

/** Of the goal that was sent last. */
let remaining: f64[] = [];

function drive(
  x: f64,
  y: f64,
): ClientGoalHandle<NavigateToPosition_Goal, NavigateToPosition_Result, NavigateToPosition_Feedback> {
  const goal = new NavigateToPosition_Goal();
  goal.x = x;
  goal.y = y;
  const heard: f64[] = [];
  remaining = heard;
  const handle = navigate.sendGoal(
    goal,
    (feedback, _handle) => remaining.push(feedback.distance_remaining),
    PATIENCE_MS,
  );
  if (handle === null) throw new Error(navigate.error);
  return handle;
}

createTask(() => {
  while (!navigate.waitForServer(PATIENCE_MS)) {}
  const first = drive(100, 0);
  while (remaining.length < 2) sleep(10);
  const second = drive(0.2, 0.3);
  first.getResult(PATIENCE_MS);
  remaining = [];
  const reached = second.getResult(PATIENCE_MS);
  if (reached === null) throw new Error(navigate.error);
  let closer = remaining.length > 0;
  for (let i = 1; i < remaining.length; i++) closer = closer && remaining[i] <= remaining[i - 1];
  const third = drive(100, 100);
  while (remaining.length < 2) sleep(10);
  const answer = third.cancel(PATIENCE_MS);
  const canceled = third.getResult(PATIENCE_MS);
  node.logger.info(
    `navigate: preempted ${<i32>first.status}, reached ${<i32>second.status} ${reached.x} ${reached.y}, closer ${closer}, ` +
      `canceled ${answer === null ? 0 : answer.goalsCanceling.length} ${<i32>third.status}, ` +
      `moved ${canceled !== null && canceled.distance_travelled > 0}`,
  );
});

createTask(() => {
  while (!led.waitForService(PATIENCE_MS)) {}
  let seen = "led:";
  for (let i = 0; i < 2; i++) {
    const request = new SetBool_Request();
    request.data = i == 0;
    const response = led.call(request, PATIENCE_MS);
    seen += response === null ? " " + led.error : ` ${response.success} ${response.message}`;
  }
  node.logger.info(seen);
});

createTask(() => {
  while (!getState.waitForService(PATIENCE_MS)) {}
  let seen = "lifecycle:";
  for (let i = 0; i < 4; i++) {
    const request = new ChangeState_Request();
    request.transition.id =
      i == 0
        ? Transition.TRANSITION_CONFIGURE
        : i == 1
          ? Transition.TRANSITION_ACTIVATE
          : i == 2
            ? Transition.TRANSITION_DEACTIVATE
            : Transition.TRANSITION_CLEANUP;
    const changed = changeState.call(request, PATIENCE_MS);
    const state = getState.call(new GetState_Request(), PATIENCE_MS);
    if (changed === null || state === null) seen += " no answer";
    else seen += changed.success ? " " + state.current_state.label : " refused";
  }
  node.logger.info(seen);
});

createTask(() => {
  while (!setParameters.waitForService(PATIENCE_MS)) {}
  let seen = "parameters:";
  for (let i = 0; i < 2; i++) {
    const parameter = new ParameterMessage();
    parameter.name = "max_speed";
    parameter.value.type_ = 3;
    parameter.value.double_value = i == 0 ? 2.5 : 3.5;
    const request = new SetParameters_Request();
    request.parameters.push(parameter);
    const response = setParameters.call(request, PATIENCE_MS);
    seen += response === null ? " " + setParameters.error : ` ${response.results[0].successful}`;
  }
  const request = new GetParameters_Request();
  request.names = ["max_speed", "frame_id"];
  const response = getParameters.call(request, PATIENCE_MS);
  if (response !== null) seen += ` ${response.values[0].double_value} ${response.values[1].string_value}`;
  node.logger.info(seen);
});
