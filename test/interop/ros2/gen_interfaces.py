#!/usr/bin/env python3
"""
Builds ROS 2 interface packages into a venv that has the rosidl wheels, without CMake, ament or network.

    VENV/bin/python gen_interfaces.py PACKAGE_FOLDER [PACKAGE_FOLDER ...]

A package folder is named like the ROS package and holds msg/*.msg, srv/*.srv, action/*.action. rosidl generates the C
structs, the Fast DDS and introspection type supports and the Python modules; gcc and g++ compile them; everything goes
where an installed package has it: lib/, share/ and site-packages/ of the venv. Packages are built in the order given,
so one that others depend on comes first.
"""
import glob
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

VENV = pathlib.Path(sys.prefix)
SHARE, LIB, INCLUDE = VENV / 'share', VENV / 'lib', VENV / 'include'
SITE_PACKAGES = pathlib.Path(sysconfig.get_paths()['purelib'])
os.environ['AMENT_PREFIX_PATH'] = str(VENV)

import numpy  # noqa: E402
from rosidl_adapter import convert_to_idl  # noqa: E402
from rosidl_generator_c import generate_c  # noqa: E402
from rosidl_generator_py import generate_py  # noqa: E402
from rosidl_generator_type_description import generate_type_hash  # noqa: E402
from rosidl_typesupport_c import generate_c as generate_typesupport_c  # noqa: E402
from rosidl_typesupport_fastrtps_c import generate_typesupport_fastrtps_c  # noqa: E402
from rosidl_typesupport_introspection_c import generate_c as generate_introspection_c  # noqa: E402

# Libraries every generated library of that kind links against, besides the package's own and its dependencies'.
RUNTIME_LIBRARIES = {
    'rosidl_generator_c': ['rosidl_runtime_c', 'rcutils'],
    'rosidl_typesupport_fastrtps_c': [
        'rosidl_typesupport_fastrtps_c', 'rosidl_typesupport_fastrtps_cpp', 'rosidl_runtime_c', 'fastcdr', 'rmw', 'rcutils'],
    'rosidl_typesupport_introspection_c': ['rosidl_typesupport_introspection_c', 'rosidl_runtime_c'],
    'rosidl_typesupport_c': ['rosidl_typesupport_c', 'rosidl_runtime_c'],
    'rosidl_generator_py': ['rosidl_runtime_c'],
}


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit('FAILED: %s\n%s' % (' '.join(map(str, command)), done.stdout[-4000:]))


class Package:
    def __init__(self, folder):
        self.folder = pathlib.Path(os.path.abspath(folder))
        self.name = self.folder.name
        self.work = pathlib.Path(tempfile.mkdtemp(prefix='interfaces_%s_' % self.name))
        self.source = self.work / 'src' / self.name
        self.generated = {}
        self.idl = []

    def build(self):
        self.convert_definitions()
        self.generate()
        objects = self.compile()
        self.link(objects)
        self.install_definitions()
        shutil.rmtree(self.work)

    def convert_definitions(self):
        """.msg, .srv and .action to .idl, beside a copy of the original."""
        for file in sorted(self.folder.glob('*/*.*')):
            if file.suffix not in ('.msg', '.srv', '.action'):
                continue
            relative = file.relative_to(self.folder)
            target = self.source / relative.parent
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
            convert_to_idl(self.folder, self.name, relative, self.source)
            self.idl.append(relative.with_suffix('.idl').as_posix())

    def arguments(self, generator, output, **more):
        """The JSON file rosidl generators take their arguments from."""
        dependencies = [(pathlib.Path(path).parts[-3], path) for path in glob.glob(str(SHARE / '*/*/*.idl'))]
        file = self.work / (generator + '.json')
        file.write_text(json.dumps(dict(
            package_name=self.name,
            idl_tuples=['%s:%s' % (self.source, idl) for idl in self.idl],
            ros_interface_dependencies=['%s:%s' % pair for pair in dependencies if pair[0] != self.name],
            target_dependencies=[],
            output_dir=str(output),
            template_dir=str(SHARE / generator / 'resource'),
            **more)))
        return str(file)

    def write_visibility_control(self, generator, output):
        header = generator + '__visibility_control.h'
        template = SHARE / generator / 'resource' / (header + '.in')
        if not template.exists():
            return
        (output / 'msg').mkdir(parents=True, exist_ok=True)
        text = template.read_text().replace('@PROJECT_NAME_UPPER@', self.name.upper())
        (output / 'msg' / header).write_text(text.replace('@PROJECT_NAME@', self.name))

    def generate(self):
        includes = ['%s:%s' % (path.name, path) for path in SHARE.iterdir() if path.is_dir() and path.name != self.name]
        generate_type_hash(self.arguments('rosidl_generator_type_description', self.source, include_paths=includes))
        descriptions = ['%s:%s' % (idl, (self.source / idl).with_suffix('.json')) for idl in self.idl]
        definitions = [str((self.source / idl).with_suffix('.' + idl.split('/')[0])) for idl in self.idl]
        generators = (
            ('rosidl_generator_c', generate_c,
             dict(type_description_tuples=descriptions, ros_interface_files=definitions), ()),
            ('rosidl_typesupport_fastrtps_c', generate_typesupport_fastrtps_c, {}, ()),
            # rmw_fastrtps_cpp builds the XTypes TypeObject from the introspection type support.
            ('rosidl_typesupport_introspection_c', generate_introspection_c, {}, ()),
            ('rosidl_typesupport_c', generate_typesupport_c, {},
             (['rosidl_typesupport_fastrtps_c', 'rosidl_typesupport_introspection_c'],)),
            ('rosidl_generator_py', generate_py, {}, (['rosidl_typesupport_c'],)))
        for generator, function, more, positional in generators:
            output = self.generated[generator] = self.work / generator / self.name
            output.mkdir(parents=True)
            self.write_visibility_control(generator, output)
            function(self.arguments(generator, output, **more), *positional)

    def compile(self):
        """Compiles all generated sources; returns object files by the library they go into."""
        includes = ['-I%s' % (self.work / generator) for generator in self.generated]
        includes += ['-I%s' % folder for folder in sorted(INCLUDE.iterdir())
                     if folder.is_dir() and not folder.name.startswith('python')]
        includes += ['-I%s' % INCLUDE, '-I' + sysconfig.get_paths()['include'], '-I' + numpy.get_include()]
        flags = ['-O0', '-g0', '-w', '-fPIC', '-DROS_PACKAGE_NAME="%s"' % self.name]
        (self.work / 'o').mkdir()
        commands, objects = [], {}
        for generator, output in self.generated.items():
            for file in sorted(output.rglob('*')):
                if file.suffix not in ('.c', '.cpp'):
                    continue
                library = generator if '.ep.' not in file.name else 'entry_point'
                target = self.work / 'o' / ('%s__%s.o' % (generator, re.sub(r'\W', '_', str(file.relative_to(output)))))
                compiler = ['g++', '-std=c++17'] if file.suffix == '.cpp' else ['gcc', '-std=gnu11']
                commands.append(compiler + flags + includes + ['-c', str(file), '-o', str(target)])
                objects.setdefault(library, []).append(str(target))
        with ThreadPoolExecutor(os.cpu_count() or 2) as executor:
            list(executor.map(run, commands))
        return objects

    def used_packages(self):
        """Packages whose types are referred to; status and cancel types of actions are not in the descriptions."""
        used = {'action_msgs'}
        for idl in self.idl:
            text = (self.source / idl).with_suffix('.json').read_text()
            used.update(re.findall(r'"(\w+)/(?:msg|srv|action)/', text))
        return sorted(used - {self.name})

    def link(self, objects):
        used = self.used_packages()

        def link_library(file, library, libraries):
            run(['g++', '-shared', '-Wl,--no-as-needed', '-o', str(file)] + objects.get(library, []) + ['-L%s' % LIB]
                + ['-l' + name for name in libraries] + ['-Wl,-rpath,$ORIGIN', '-Wl,--allow-shlib-undefined'])

        own = []
        for kind, runtime in RUNTIME_LIBRARIES.items():
            dependencies = [f'{package}__{kind}' for package in used if (LIB / f'lib{package}__{kind}.so').exists()]
            link_library(LIB / f'lib{self.name}__{kind}.so', kind, own + dependencies + runtime)
            own.append(f'{self.name}__{kind}')
        module = SITE_PACKAGES / self.name
        shutil.rmtree(module, ignore_errors=True)
        shutil.copytree(self.generated['rosidl_generator_py'], module, ignore=shutil.ignore_patterns('*.c'))
        (module / '__init__.py').touch()
        suffix = sysconfig.get_config_var('EXT_SUFFIX')
        link_library(module / f'{self.name}_s__rosidl_typesupport_c{suffix}', 'entry_point',
                     own + ['rosidl_typesupport_c', 'rosidl_runtime_c'])

    def install_definitions(self):
        """share/ and the ament index, so that other packages find this one."""
        shutil.copytree(self.source, SHARE / self.name, dirs_exist_ok=True)
        index = SHARE / 'ament_index' / 'resource_index'
        files = sorted(str(file.relative_to(self.source)) for file in self.source.rglob('*.*'))
        for kind, text in (('packages', ''), ('rosidl_interfaces', '\n'.join(files))):
            (index / kind).mkdir(parents=True, exist_ok=True)
            (index / kind / self.name).write_text(text)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for folder in sys.argv[1:]:
        started = time.monotonic()
        package = Package(folder)
        package.build()
        print('built %s: %s (%.1f s)' % (package.name, ', '.join(package.idl), time.monotonic() - started))


main()
