import {
  backend_util,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropFilterInputs,
  getKernel,
  matMul,
  pad,
  registerKernel,
  reshape,
  slice,
  stack,
  type Tensor,
  type Tensor4D,
  type TensorInfo,
  tidy,
} from '@tensorflow/tfjs-core'

/**
 * Registers the gradient of a convolution's filter for a backend that lacks it (the WebAssembly one), so that
 * convolutions can be trained there. Each tap of the filter is one matrix product: the window of the padded input that
 * this tap saw, transposed, times the gradient of the output.
 * Stride 1, dilation 1, NHWC; one-dimensional convolutions go through the same kernel.
 */
export function registerConvolutionGradient(backendName: string): void {
  if (
    getKernel('Conv2DBackpropFilter', backendName) !== undefined &&
    getKernel('Conv2DBackpropFilter', backendName) !== null
  )
    return
  registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName,
    kernelFunc: ({ inputs, attrs }) =>
      filterGradient(
        inputs as unknown as Conv2DBackpropFilterInputs,
        attrs as unknown as Conv2DBackpropFilterAttrs,
      ) as TensorInfo,
  })
}

function filterGradient(inputs: Conv2DBackpropFilterInputs, attrs: Conv2DBackpropFilterAttrs): Tensor {
  const { strides, pad: padding, dataFormat, dimRoundingMode, filterShape } = attrs
  // The tensors themselves are used: a wrapped copy would be counted and never freed.
  const x = inputs.x as unknown as Tensor4D
  const dy = inputs.dy as unknown as Tensor4D
  const info = backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, padding, dimRoundingMode, false)
  if (info.strideHeight !== 1 || info.strideWidth !== 1 || dataFormat !== 'NHWC')
    throw new Error('the gradient of a convolution is implemented for stride 1 and NHWC only')
  const { padInfo, outHeight, outWidth, batchSize, inChannels, outChannels, filterHeight, filterWidth } = info
  return tidy(() => {
    const padded = pad(x, [
      [0, 0],
      [padInfo.top, padInfo.bottom],
      [padInfo.left, padInfo.right],
      [0, 0],
    ])
    const places = batchSize * outHeight * outWidth
    const gradient = reshape(dy, [places, outChannels])
    const taps: Tensor[] = []
    for (let row = 0; row < filterHeight; row++) {
      for (let column = 0; column < filterWidth; column++) {
        const seen = slice(padded, [0, row, column, 0], [batchSize, outHeight, outWidth, inChannels])
        taps.push(matMul(reshape(seen, [places, inChannels]), gradient, true, false))
      }
    }
    return reshape(stack(taps), [filterHeight, filterWidth, inChannels, outChannels])
  })
}
