import { Controller, Get } from '@nestjs/common'
import { Public } from './auth.js'

@Controller('health')
export class HealthController {
  @Get()
  @Public()
  check(): { readonly status: string } {
    return { status: 'ok' }
  }
}
