import { answerAuth } from '#lib/auth/handler'

export { answerAuth as GET, answerAuth as POST }
