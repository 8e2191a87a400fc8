"""The windows and the tray icon: they draw frozen snapshots and ask for verbs. The only folder that knows Qt."""
