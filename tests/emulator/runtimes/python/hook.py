MARK = "hook ran"
