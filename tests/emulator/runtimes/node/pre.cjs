globalThis.forerunHook = "hook ran";
