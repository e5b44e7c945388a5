"""Work in threads: loader, controller, live separation, batch, background work, and the runner that starts them."""
