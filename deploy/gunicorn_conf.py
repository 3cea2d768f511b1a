"""gunicorn, the same for every door: in a container of its own, and in ``leitbake serve``, which gives its own bind."""

bind = "0.0.0.0:8000"
worker_class = "deploy.gunicorn_worker.Worker"  # gthread, with our own words
workers = 1
threads = 48  # a subscriber of a stream holds one
worker_tmp_dir = "/dev/shm"  # noqa: S108  # memory: a heartbeat must not wait for a disk
graceful_timeout = 3
timeout = 60
keepalive = 15
limit_request_line = 8190  # the most there is: what is longer than an address should be gets our own answer
control_socket_disable = True  # it would lie in the home of whoever starts us, shared by all cities
