"""What the gate means, without SQL, protobuf, gRPC or HTTP."""
