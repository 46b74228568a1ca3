import { describe, expect, it } from 'vitest';
import { parseSavedModelText } from '../saved-model/saved-model.js';
import { formatSignatureDef } from './signature-def.js';

const signatureText = `inputs {
  key: "a"
  value {
    dtype: DT_INT32
    tensor_shape {
    }
  }
}
inputs {
  key: "img"
  value {
    name: "img:0"
    dtype: DT_FLOAT
    tensor_shape {
      dim {
        size: -1
      }
      dim {
        size: 28
        name: "width"
      }
    }
  }
}
inputs {
  key: "sparse"
  value {
    dtype: DT_STRING_REF
    tensor_shape {
      unknown_rank: true
    }
    coo_sparse {
      values_tensor_name: "v:0"
    }
  }
}
outputs {
  key: "y"
  value {
    dtype: 99
    composite_tensor {
      type_spec {
        type_spec_class: RAGGED_TENSOR_SPEC
        type_state {
          bool_value: false
        }
      }
      components {
        name: "c:0"
      }
    }
  }
}
method_name: "tensorflow/serving/\\"predict\\""
defaults {
  key: "img"
  value {
    dtype: DT_INT64
    tensor_shape {
    }
    int64_val: 9223372036854775807
    int64_val: 0
  }
}
`;

describe('formatSignatureDef', () => {
  it('prints fields by number, maps by key and no default values', () => {
    const text = `meta_graphs { signature_def { key: "s" value { ${signatureText} } } }`;
    const { metaGraphs } = parseSavedModelText(text, 'f');
    expect(formatSignatureDef(metaGraphs[0]!.signatureDefs.get('s')!)).toBe(signatureText);
  });

  it('sorts map entries', () => {
    const info = { dtype: 0 };
    const outputs = new Map([
      ['b', info],
      ['a', info],
    ]);
    const text = formatSignatureDef({ inputs: new Map(), outputs, methodName: '', defaults: new Map() });
    expect(text.match(/"."/g)).toEqual(['"a"', '"b"']);
  });

  it('keeps a name that is set to the empty string', () => {
    const inputs = new Map([['x', { name: '', dtype: 1 }]]);
    const text = formatSignatureDef({ inputs, outputs: new Map(), methodName: '', defaults: new Map() });
    expect(text).toBe('inputs {\n  key: "x"\n  value {\n    name: ""\n    dtype: DT_FLOAT\n  }\n}\n');
  });
});
