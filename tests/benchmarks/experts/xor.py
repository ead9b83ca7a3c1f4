"""Exclusive or, as an expert would write it for speed.

Adam is called by its fused kernel: the first step of any optimizer of torch.optim imports
torch._dynamo, which takes as long as torch itself.
"""

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(0)

x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
model = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 1))
weights = list(model.parameters())
means = [torch.zeros_like(weight) for weight in weights]
squares = [torch.zeros_like(weight) for weight in weights]
steps = [torch.zeros(()) for _ in weights]

for _ in range(1000):
    loss = F.binary_cross_entropy_with_logits(model(x), y)
    loss.backward()
    with torch.no_grad():
        torch._foreach_add_(steps, 1.0)
        torch._fused_adam_(
            weights,
            [weight.grad for weight in weights],
            means,
            squares,
            [],
            steps,
            lr=0.01,
            beta1=0.9,
            beta2=0.999,
            weight_decay=0.0,
            eps=1e-8,
            amsgrad=False,
            maximize=False,
        )
    for weight in weights:
        weight.grad = None

print(f"loss {loss.item():.6f}  outputs {torch.sigmoid(model(x)).flatten().tolist()}")
