#!/usr/bin/env python3
"""Asks the name server on a port of this machine for an MX record: ask.py PORT DOMAIN."""
import socket
import struct
import sys

port, domain = int(sys.argv[1]), sys.argv[2]
name = b"".join(bytes([len(label)]) + label.encode() for label in domain.split(".")) + b"\0"
with socket.socket(type=socket.SOCK_DGRAM) as s:
    s.settimeout(1)
    s.sendto(struct.pack(">6H", 1, 0x0100, 1, 0, 0, 0) + name + struct.pack(">2H", 15, 1), ("127.0.0.1", port))
    answer = s.recv(4096)
flags, _, answers = struct.unpack(">3H", answer[2:8])
if flags & 15 or not answers:
    sys.exit(f"answer {flags & 15}, {answers} records")
