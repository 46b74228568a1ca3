"""Records what TensorFlow computes for single operations, for the tests of the kernels.

    python scripts/kernel-cases/record.py [FAMILY ...]

Each family is a module beside this one with a function `cases(case)`. It calls `case(OP, *INPUTS, **ATTRIBUTES)`; the results go to
`src/kernels/fixtures/FAMILY.jsonl`, one case a line: the operation, its attributes as in a NodeDef, inputs, outputs or the error's text.
Tensors are `[dtype, shape, values]`; strings are Latin-1 text of their bytes.
"""
import importlib
import json
import pathlib
import sys

import numpy as np
import tensorflow as tf

HERE = pathlib.Path(__file__).parent
FIXTURES = HERE.parent.parent / 'src' / 'kernels' / 'fixtures'
NAMES = {'float32': 'float', 'float64': 'double', 'float16': 'half'}
KINDS = {'s': 'bytes', 'i': 'int', 'f': 'float', 'b': 'bool', 'type': 'type', 'shape': 'shape', 'tensor': 'tensor'}


def dtype_name(dtype):
    name = tf.dtypes.as_dtype(dtype).name
    return NAMES.get(name, name)


def number(value):
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    if isinstance(value, (int, np.integer)):
        return int(value) if abs(int(value)) < 2 ** 53 else str(int(value))
    value = float(value)
    if np.isnan(value):
        return 'NaN'
    if np.isinf(value):
        return 'Infinity' if value > 0 else '-Infinity'
    if value == 0 and np.signbit(value):
        return '-0'
    return int(value) if value == int(value) and abs(value) < 2 ** 53 else value


def encoded(array, dtype=None):
    array = np.asarray(array)
    if dtype is None:
        dtype = tf.string if array.dtype == object or array.dtype.kind in 'SU' else tf.dtypes.as_dtype(array.dtype)
    values = array.ravel().tolist() if dtype == tf.string else array.ravel()
    if dtype == tf.string:
        values = [v.decode('latin1') if isinstance(v, bytes) else v.encode().decode('latin1') for v in values]
    elif dtype.is_complex:
        values = [number(part) for v in values for part in (v.real, v.imag)]
    else:
        values = [number(v) for v in values]
    return [dtype_name(dtype), list(array.shape), values]


def shape_of(proto):
    return None if proto.unknown_rank else [d.size for d in proto.dim]


def attribute(value):
    kind = value.WhichOneof('value')
    if kind == 'list':
        for field, items in value.list.ListFields():
            one = {'kind': KINDS[field.name]}
            return {'kind': 'list', 'value': [{**one, 'value': plain(field.name, item)} for item in items]}
        return {'kind': 'list', 'value': []}
    return {'kind': KINDS[kind], 'value': plain(kind, getattr(value, kind))}


def plain(kind, value):
    if kind == 's':
        return value.decode('latin1')
    if kind == 'i':
        return str(value)
    if kind == 'f':
        return number(value)
    if kind == 'type':
        return dtype_name(value)
    if kind == 'shape':
        return shape_of(value)
    if kind == 'tensor':
        return encoded(tf.make_ndarray(value))
    return bool(value)


def default(value):
    kind = value.WhichOneof('value')
    if kind == 'list':
        return [item for _, items in value.list.ListFields() for item in items]
    if kind == 'shape':
        return tf.TensorShape(value.shape)
    return tf.dtypes.as_dtype(value.type) if kind == 'type' else getattr(value, kind)


def defaults(definition):
    inferred = {name for argument in definition.input_arg for name in (argument.type_attr, argument.number_attr, argument.type_list_attr)}
    return {a.name: default(a.default_value) for a in definition.attr if a.HasField('default_value') and a.name not in inferred}


def run(op, inputs, attributes):
    """Runs one node in a graph of its own, fed by placeholders of unknown shape."""
    from tensorflow.python.framework import op_def_library, op_def_registry
    definition = op_def_registry.get(op)
    feeds, arguments = {}, {}
    row = {'op': op, 'in': []}
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        def placeholder(value):
            array = np.asarray(value)
            text = array.dtype == object or array.dtype.kind in 'SU'
            tensor = tf.compat.v1.placeholder(tf.string if text else array.dtype)
            feeds[tensor] = array.astype(object) if text else array
            row['in'].append(encoded(array))
            return tensor
        for argument, value in zip(definition.input_arg, inputs):
            is_list = argument.number_attr or argument.type_list_attr
            arguments[argument.name] = [placeholder(v) for v in value] if is_list else placeholder(value)
        op_def_library.apply_op(op, **arguments, **{**defaults(definition), **attributes})
        node = tf.compat.v1.get_default_graph().get_operations()[-1]
        row['attr'] = {name: attribute(value) for name, value in sorted(node.node_def.attr.items()) if not name.startswith('_')}
        try:
            # Without `Session.run`, which wraps messages in a report of the graph's construction.
            session._extend_graph()
            results = session._call_tf_sessionrun(
                None, {tensor._as_tf_output(): value for tensor, value in feeds.items()}, [output._as_tf_output() for output in node.outputs], [], None)
            row['out'] = [encoded(value) for value in results]
        except tf.errors.OpError as error:
            row['code'] = type(error).__name__.removesuffix('Error')
            row['error'] = error.message.split('\n\t [[')[0]
    return row


def main(families):
    sys.path.insert(0, str(HERE))
    for family in families or sorted(p.stem for p in HERE.glob('*.py') if p.stem != 'record'):
        rows = []
        importlib.import_module(family).cases(lambda op, *inputs, **attributes: rows.append(run(op, inputs, attributes)))
        FIXTURES.mkdir(exist_ok=True)
        with open(FIXTURES / f'{family}.jsonl', 'w') as file:
            file.writelines(json.dumps(row, separators=(',', ':')) + '\n' for row in rows)
        print(f'{family}: {len(rows)} cases')


if __name__ == '__main__':
    main(sys.argv[1:])
