"""The path of a message through the whole bot, measured beside other bots."""
