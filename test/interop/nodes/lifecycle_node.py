"""lifecycle_node.py: the rclpy twin of examples/lifecycle."""
import rclpy
from rclpy.lifecycle import LifecycleNode, TransitionCallbackReturn
from std_msgs.msg import String


class Talker(LifecycleNode):
    def __init__(self):
        super().__init__("lc_talker")
        self.count = 0
        self.pub = None
        self.create_timer(1.0, self.publish)

    def on_configure(self, state):
        self.pub = self.create_lifecycle_publisher(String, "lifecycle_chatter", 10)
        return TransitionCallbackReturn.SUCCESS

    def on_cleanup(self, state):
        return self.forget_publisher()

    def on_shutdown(self, state):
        return self.forget_publisher()

    def forget_publisher(self):
        if self.pub is not None:
            self.destroy_publisher(self.pub)
        self.pub = None
        return TransitionCallbackReturn.SUCCESS

    def publish(self):
        if self.pub is not None and self.pub.is_activated:
            self.pub.publish(String(data=f"Lifecycle HelloWorld #{self.count}"))
            self.count += 1


rclpy.init()
node = Talker()
print("ready", flush=True)
rclpy.spin(node)
