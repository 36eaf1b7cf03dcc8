from runtime.access import Routes

routes = Routes("tasks", "/api/v1")
