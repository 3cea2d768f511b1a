from services.suite.cli import main

main()
