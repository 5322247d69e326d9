$forerun_hook = "hook ran"
