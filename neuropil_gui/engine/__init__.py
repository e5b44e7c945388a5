"""Work in threads: controller, loader, live separation, background work, and the runner that all of it goes through."""
