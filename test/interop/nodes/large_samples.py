"""The other side of apps/large_samples/app.ts. One JSON line when its calls are over; its server goes on."""
import json

import rclpy
from diagnostic_msgs.srv import AddDiagnostics

LARGE = "x" * 39_999
PATIENCE_S = 20.0

rclpy.init()
node = rclpy.create_node("large_samples_peer")


def answer(request, response):
    response.message = LARGE if request.load_namespace == "large" else request.load_namespace
    return response


node.create_service(AddDiagnostics, "remote", answer)
client = node.create_client(AddDiagnostics, "measure")
while not client.wait_for_service(0.1):
    rclpy.spin_once(node, timeout_sec=0.1)

texts = [LARGE, "abc", LARGE, LARGE, "abcdef"]
futures = [client.call_async(AddDiagnostics.Request(load_namespace=text)) for text in texts]
answers = []
for future in futures:
    rclpy.spin_until_future_complete(node, future, timeout_sec=PATIENCE_S)
    answers.append([future.result().success, future.result().message] if future.done() else None)
print(json.dumps(answers), flush=True)
rclpy.spin(node)
