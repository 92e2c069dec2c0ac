"""Cut-overs on a virtual clock: the sandbox's own service and agent, without sockets or sleep."""
