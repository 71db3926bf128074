"""parameters_node.py: the rclpy twin of examples/parameters."""
import rclpy
from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor, SetParametersResult

rclpy.init()
node = rclpy.create_node("parameters", enable_logger_service=True)
node.declare_parameter("max_speed", 1.5, ParameterDescriptor(
    description="m/s", floating_point_range=[FloatingPointRange(from_value=0.0, to_value=3.0)]))
node.declare_parameter("report.period_ms", 1000, ParameterDescriptor(
    integer_range=[IntegerRange(from_value=100, to_value=60_000)]))
node.declare_parameter("frame_id", "base_link", ParameterDescriptor(read_only=True))
node.declare_parameter("wheel_radii", [0.1, 0.1])


def refuse(parameters):
    for parameter in parameters:
        if parameter.name == "wheel_radii" and len(parameter.value) != 2:
            return SetParametersResult(successful=False, reason="there are two wheels")
    return SetParametersResult(successful=True)


node.add_on_set_parameters_callback(refuse)
print("ready", flush=True)
rclpy.spin(node)
