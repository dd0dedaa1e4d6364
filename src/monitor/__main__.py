"""`python -m monitor` is `monitor`."""

if __name__ == "__main__":  # a worker process imports this file too, and needs nothing of it
    from monitor.cli import main

    main()
