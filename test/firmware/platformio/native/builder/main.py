from SCons.Script import AlwaysBuild, Default, DefaultEnvironment

env = DefaultEnvironment()
for tool in ("gcc", "g++", "ar", "gnulink"):
    env.Tool(tool)
program = env.BuildProgram()
AlwaysBuild(env.Alias("nobuild", program))
Default([program])
